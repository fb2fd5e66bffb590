/** A backend is an identity provider of the realm with a {@code convert-token} mapper on it, looked up by name. */
@NullMarked
package io.converttoken.keycloak.backend;

import org.jspecify.annotations.NullMarked;
