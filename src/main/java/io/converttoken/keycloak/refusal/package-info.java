/** One table from an exception to the event, the OAuth error and the status of a refused call. */
@NullMarked
package io.converttoken.keycloak.refusal;

import org.jspecify.annotations.NullMarked;
