/** What a refused call comes to: one table from an exception to the event, the OAuth error and the status. */
@NullMarked
package io.converttoken.keycloak.refusal;

import org.jspecify.annotations.NullMarked;
