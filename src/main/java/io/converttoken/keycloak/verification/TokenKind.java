// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import java.util.Optional;
import org.keycloak.OAuth2Constants;

/** What an external token is: an assertion about a person, or a key to an API that happens to name one. */
public enum TokenKind {
    ID_TOKEN,
    ACCESS_TOKEN;

    /** The kind that a {@code token_type} names, by itself or as RFC 8693, section 3, has it. */
    public static Optional<TokenKind> named(String tokenType) {
        return switch (tokenType) {
            case "id_token", OAuth2Constants.ID_TOKEN_TYPE -> Optional.of(ID_TOKEN);
            case "access_token", OAuth2Constants.ACCESS_TOKEN_TYPE -> Optional.of(ACCESS_TOKEN);
            default -> Optional.empty();
        };
    }
}
