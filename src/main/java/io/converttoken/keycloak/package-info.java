/** Native social login for a stock Keycloak: a provider's token is traded for the realm's own tokens. */
@NullMarked
package io.converttoken.keycloak;

import org.jspecify.annotations.NullMarked;
