/** Finds or creates the realm's user of a verified identity. */
@NullMarked
package io.converttoken.keycloak.brokering;

import org.jspecify.annotations.NullMarked;
