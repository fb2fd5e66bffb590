/** Ends refresh tokens, or sessions, of one user in one application. */
@NullMarked
package io.converttoken.keycloak.invalidation;

import org.jspecify.annotations.NullMarked;
