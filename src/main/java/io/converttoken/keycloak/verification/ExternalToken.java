// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import java.util.Optional;

/**
 * A token of a provider as the caller sent it: nothing of it is proven. Its text shows nothing of it. Blanks and line ends
 * around the token are left out, as they come along when it is pasted; no provider's token has any.
 *
 * @param value the token
 * @param declaredKind what the caller says it is, where it says so
 * @param nonce the nonce that the caller had put into the request for an ID token, where it sends one
 */
public record ExternalToken(String value, Optional<TokenKind> declaredKind, Optional<String> nonce) {

    /** Characters that a token has at most. */
    public static final int MAX_LENGTH = 20_000;

    /** Characters that a nonce has at most. */
    public static final int MAX_NONCE_LENGTH = 1024;

    public ExternalToken {
        value = value.strip();
    }

    ExternalToken withValue(String other) {
        return new ExternalToken(other, declaredKind, nonce);
    }

    /** RFC 6750, section 2.1: what can stand in a header. Tokens of no provider have more. */
    boolean isWellFormed() {
        return !value.isEmpty() && value.chars().allMatch(character -> character > ' ' && character < 0x7f);
    }

    @Override
    public String toString() {
        return "ExternalToken[redacted]";
    }
}
