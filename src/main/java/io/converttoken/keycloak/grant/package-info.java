/** The {@code convert_token} grant and its RFC 8693 dialect: they check a request and issue the realm's tokens. */
@NullMarked
package io.converttoken.keycloak.grant;

import org.jspecify.annotations.NullMarked;
