/** Keycloak's inside, as far as this extension uses it: what of it is there is said in the log when the server starts. */
@NullMarked
package io.converttoken.keycloak.internals;

import org.jspecify.annotations.NullMarked;
