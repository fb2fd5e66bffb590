/** From a verified identity to the realm's user. */
@NullMarked
package io.converttoken.keycloak.brokering;

import org.jspecify.annotations.NullMarked;
