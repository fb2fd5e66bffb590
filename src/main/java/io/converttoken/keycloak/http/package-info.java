/** Reading requests and writing errors, the same for every endpoint of ours. */
@NullMarked
package io.converttoken.keycloak.http;

import org.jspecify.annotations.NullMarked;
