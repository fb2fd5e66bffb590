// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.TokenKind;
import java.util.Optional;

/**
 * A question what a conversion would come to.
 *
 * @param clientId the client that would convert
 * @param token the external token, with the nonce and the type that the client would send
 * @param scope the scope that the client would ask for
 */
public record Question(String clientId, ExternalToken token, Optional<String> scope) {

    private static final int MAX_NAME_LENGTH = 255;
    private static final int MAX_SCOPE_LENGTH = 2000;

    /** @throws InvalidParameterException when a parameter is missing, is too long, or has a value that is not allowed */
    public static Question from(FormRequest request) {
        String clientId = Parameter.required(request, "client_id", MAX_NAME_LENGTH);
        String token = Parameter.required(request, "token", ExternalToken.MAX_LENGTH);
        Optional<String> nonce = Parameter.optional(request, "nonce", ExternalToken.MAX_NONCE_LENGTH);
        Optional<TokenKind> kind = Parameter.optional(request, "token_type", MAX_NAME_LENGTH)
                .map(type -> TokenKind.named(type)
                        .orElseThrow(() -> new InvalidParameterException("Unsupported token_type")));
        return new Question(
                clientId,
                new ExternalToken(token, kind, nonce),
                Parameter.optional(request, "scope", MAX_SCOPE_LENGTH));
    }

    /** Shows neither the token nor the nonce. */
    @Override
    public String toString() {
        return "Question[" + clientId + "]";
    }
}
