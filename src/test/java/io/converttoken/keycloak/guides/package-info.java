/** Holds the guides, the README and the examples to what the software does. */
@NullMarked
package io.converttoken.keycloak.guides;

import org.jspecify.annotations.NullMarked;
