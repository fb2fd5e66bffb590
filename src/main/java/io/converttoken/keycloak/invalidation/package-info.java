/** Ends the refresh tokens or the sessions of one user in one application. */
@NullMarked
package io.converttoken.keycloak.invalidation;

import org.jspecify.annotations.NullMarked;
