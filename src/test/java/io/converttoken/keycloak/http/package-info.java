@NullMarked
package io.converttoken.keycloak.http;

import org.jspecify.annotations.NullMarked;
