/** All that this extension uses of Keycloak's internals. When the server starts, the log says which of it is there. */
@NullMarked
package io.converttoken.keycloak.internals;

import org.jspecify.annotations.NullMarked;
