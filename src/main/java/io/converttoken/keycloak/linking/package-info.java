/** Connects identities to a person's own account, and disconnects them. */
@NullMarked
package io.converttoken.keycloak.linking;

import org.jspecify.annotations.NullMarked;
