// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.linking;

import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.TokenKind;
import java.util.Optional;

/**
 * The identity to connect, as it was sent.
 *
 * @param backend name of the backend
 * @param token the external token
 * @param tokenType what the caller says it is, where it says so
 * @param nonce the nonce of the ID token, where it is sent
 */
public record Connection(String backend, String token, Optional<String> tokenType, Optional<String> nonce) {

    /** Characters that an external token has at most. */
    public static final int MAX_TOKEN_LENGTH = ExternalToken.MAX_LENGTH;

    /** Characters that a nonce has at most. */
    public static final int MAX_NONCE_LENGTH = ExternalToken.MAX_NONCE_LENGTH;

    /** @throws InvalidParameterException when no token is of that type */
    ExternalToken externalToken() {
        Optional<TokenKind> kind = tokenType.map(type ->
                TokenKind.named(type).orElseThrow(() -> new InvalidParameterException("Unsupported token_type")));
        return new ExternalToken(token, kind, nonce);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "Connection[" + backend + "]";
    }
}
