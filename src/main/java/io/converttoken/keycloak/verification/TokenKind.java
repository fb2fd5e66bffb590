// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import java.util.Locale;
import java.util.Optional;
import org.keycloak.OAuth2Constants;

/**
 * The kinds of external token. An ID token is an assertion about a person; an access token is a key to an API and only
 * happens to name a person.
 */
public enum TokenKind {
    ID_TOKEN,
    ACCESS_TOKEN;

    /** Returns the short name, as in {@code token_type}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the kind that a {@code token_type} names, by a short name or by a URI of RFC 8693, section 3. */
    public static Optional<TokenKind> named(String tokenType) {
        return switch (tokenType) {
            case "id_token", OAuth2Constants.ID_TOKEN_TYPE -> Optional.of(ID_TOKEN);
            case "access_token", OAuth2Constants.ACCESS_TOKEN_TYPE -> Optional.of(ACCESS_TOKEN);
            default -> Optional.empty();
        };
    }
}
