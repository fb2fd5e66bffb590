/** The {@code convert_token} grant and its RFC 8693 dialect: a request in, the realm's tokens out. */
@NullMarked
package io.converttoken.keycloak.grant;

import org.jspecify.annotations.NullMarked;
