// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import java.util.Optional;

/**
 * A provider's token as the caller sent it, with nothing about it proven. {@code toString} does not show the token.
 * Blanks and line ends around the token are removed, because they are often pasted along with it and no provider's
 * token has any.
 *
 * @param value the token
 * @param declaredKind the kind that the caller declares, if it declares one
 * @param nonce the nonce that the caller put into the request for an ID token, if the caller sends one
 */
public record ExternalToken(String value, Optional<TokenKind> declaredKind, Optional<String> nonce)
        implements ExternalCredential {

    /** The maximum length of a token, in characters. */
    public static final int MAX_LENGTH = 20_000;

    /** The maximum length of a nonce, in characters. */
    public static final int MAX_NONCE_LENGTH = 1024;

    public ExternalToken {
        value = value.strip();
    }

    ExternalToken withValue(String other) {
        return new ExternalToken(other, declaredKind, nonce);
    }

    @Override
    public String toString() {
        return "ExternalToken[redacted]";
    }
}
