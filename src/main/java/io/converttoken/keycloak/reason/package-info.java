/** Says why a call is refused: a stable code, and a sentence that names what was found and what was expected. */
@NullMarked
package io.converttoken.keycloak.reason;

import org.jspecify.annotations.NullMarked;
