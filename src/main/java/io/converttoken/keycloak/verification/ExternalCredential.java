// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import java.util.Optional;

/** What a caller shows of a person at a provider. Nothing about it is proven, and {@code toString} does not show it. */
public sealed interface ExternalCredential permits ExternalToken, AuthorizationCode {

    /** Returns the text that was sent. */
    String value();

    /**
     * Returns whether the text has only the characters of tokens (RFC 6750, section 2.1) and codes (RFC 6749, appendix
     * A.11).
     */
    default boolean isWellFormed() {
        return !value().isEmpty() && value().chars().allMatch(character -> character > ' ' && character < 0x7f);
    }

    /** Returns the nonce that the caller put into the request for an ID token, if the caller sends one. */
    Optional<String> nonce();
}
