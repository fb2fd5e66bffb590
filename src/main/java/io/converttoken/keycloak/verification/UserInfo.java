package io.converttoken.keycloak.verification;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** Fetches the profile that an access token opens (OpenID Connect Core, section 5.3). */
final class UserInfo {

    private static final int INSUFFICIENT_SCOPE = 403;

    private final ProviderCalls calls;

    UserInfo(ProviderCalls calls) {
        this.calls = calls;
    }

    /**
     * The profile.
     *
     * @return empty when the token is active but its scope opens no profile (RFC 6750, section 3.1, 403)
     * @throws ExternalTokenRefusedException when the provider does not take the token
     * @throws ProviderUnavailableException when the provider does not answer
     */
    Optional<JsonNode> fetch(String url, ExternalToken accessToken) {
        ProviderAnswer answer = calls.get(url, accessToken);
        return answer.status() == INSUFFICIENT_SCOPE
                ? Optional.empty()
                : Optional.of(answer.requireOk(Refusal.INACTIVE, 400, 401));
    }
}
