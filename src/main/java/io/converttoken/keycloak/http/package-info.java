/** Reads requests and writes errors in the same way for every endpoint of ours. */
@NullMarked
package io.converttoken.keycloak.http;

import org.jspecify.annotations.NullMarked;
