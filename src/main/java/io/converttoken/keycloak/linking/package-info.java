/** A person connects identities to the own account, and disconnects them. */
@NullMarked
package io.converttoken.keycloak.linking;

import org.jspecify.annotations.NullMarked;
