// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.linking;

import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.TokenKind;
import java.util.Optional;

/**
 * A request to connect an identity.
 *
 * @param backend the name of the backend
 * @param token the external token
 * @param tokenType the type of the token, if the caller names it
 * @param nonce the nonce of the ID token, if the caller sends it
 */
public record Connection(String backend, String token, Optional<String> tokenType, Optional<String> nonce) {

    /** The maximum length of an external token, in characters. */
    public static final int MAX_TOKEN_LENGTH = ExternalToken.MAX_LENGTH;

    /** The maximum length of a nonce, in characters. */
    public static final int MAX_NONCE_LENGTH = ExternalToken.MAX_NONCE_LENGTH;

    /** @throws InvalidParameterException when there is no such type of token */
    ExternalToken externalToken() {
        Optional<TokenKind> kind = tokenType.map(type ->
                TokenKind.named(type).orElseThrow(() -> new InvalidParameterException("Unsupported token_type")));
        return new ExternalToken(token, kind, nonce);
    }

    /** Leaves out the token, because it is a secret. */
    @Override
    public String toString() {
        return "Connection[" + backend + "]";
    }
}
