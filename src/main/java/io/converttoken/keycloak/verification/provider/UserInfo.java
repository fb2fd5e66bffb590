// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import java.util.Optional;

/** Fetches the profile that an access token opens (OpenID Connect Core, section 5.3). */
public final class UserInfo {

    private static final int INSUFFICIENT_SCOPE = 403;

    private final ProviderCalls calls;
    private final JwtAnswers jwts;

    public UserInfo(ProviderCalls calls) {
        this.calls = calls;
        this.jwts = new JwtAnswers(calls);
    }

    /**
     * Returns the profile, which comes as JSON or as a JWT.
     *
     * @return empty when the token is active but its scope opens no profile (RFC 6750, section 3.1, 403)
     * @throws ExternalTokenRefusedException when the provider does not take the token, or its answer will never be
     *     readable
     * @throws ProviderUnavailableException when the provider does not answer
     */
    public Optional<JsonNode> fetch(String url, ExternalToken accessToken, Backend backend) {
        ProviderAnswer answer = calls.get(url, accessToken);
        if (answer.status() == INSUFFICIENT_SCOPE) {
            return Optional.empty();
        }
        return answer.jwt()
                .map(jwt -> jwts.profile(jwt, backend))
                .or(() -> Optional.of(answer.requireOk(ReasonCode.TOKEN_INACTIVE, 400, 401)));
    }
}
