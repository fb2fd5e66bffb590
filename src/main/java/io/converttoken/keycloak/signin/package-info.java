/** Tells when a person signed in. */
@NullMarked
package io.converttoken.keycloak.signin;

import org.jspecify.annotations.NullMarked;
