/** Keycloak's database, for what its own providers do not offer. */
@NullMarked
package io.converttoken.keycloak.database;

import org.jspecify.annotations.NullMarked;
