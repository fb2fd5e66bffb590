// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.ProviderAnswer;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.JsonMembers;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.OptionalLong;
import java.util.Set;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.models.KeycloakSession;
import org.keycloak.social.stackoverflow.StackOverflowIdentityProviderConfig;
import org.keycloak.social.stackoverflow.StackoverflowIdentityProvider;

/**
 * Verifies tokens of Stack Overflow. Nobody can tell for which application such a token was issued
 * (<a href="https://api.stackexchange.com/docs/me">/me</a>). Every site of the network has user ids of its own. The
 * token is therefore sent as one parameter, because with Keycloak's class a token could name another site.
 */
public final class StackOverflowVerifier extends CallingVerifier {

    private static final String PROFILE_URL = "https://api.stackexchange.com/2.2/me";

    /**
     * The ids of the errors invalid_access_token, access_denied and access_token_compromised
     * (<a href="https://api.stackexchange.com/docs/error-handling">error handling</a>).
     */
    private static final Set<Integer> TOKEN_IS_BAD = Set.of(402, 403, 406);

    public StackOverflowVerifier(ProviderCalls calls) {
        super(calls);
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        UnboundTokens.requireAccepted(calls, backend);
        Reader stackOverflow = new Reader(session, new StackOverflowIdentityProviderConfig(backend.identityProvider()));
        String key = checks.make(Check.CONFIGURATION, stackOverflow::key);
        JsonNode profiles = checks.make(Check.PROFILE, () -> profiles(token, key));
        JsonMembers.requireId(profiles.path("items").path(0), "user_id");
        return new Proof(stackOverflow.read(profiles), TokenUse.expiring(token, OptionalLong.empty()));
    }

    /** Fetches the profile on the site for which Keycloak's class asks, which is one of many in the network. */
    private JsonNode profiles(ExternalToken token, String key) {
        ProviderAnswer answer = calls.get(
                PROFILE_URL,
                token,
                (request, value) -> request.param("order", "desc")
                        .param("sort", "name")
                        .param("site", "stackoverflow")
                        .param("access_token", value)
                        .param("key", key));
        if (!answer.isOk()
                && TOKEN_IS_BAD.contains(answer.body().path("error_id").asInt())) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_INACTIVE);
        }
        return answer.requireOk(ReasonCode.TOKEN_INACTIVE);
    }

    /** Reads profiles as the browser login does. */
    private static final class Reader extends StackoverflowIdentityProvider {

        Reader(KeycloakSession session, StackOverflowIdentityProviderConfig config) {
            super(session, config);
        }

        BrokeredIdentityContext read(JsonNode profiles) {
            return extractIdentityFromProfile(null, profiles);
        }

        String key() {
            String key = getConfig().getKey();
            if (key == null || key.isBlank()) {
                throw new ExternalTokenRefusedException(ReasonCode.SECRET_NOT_CONFIGURED);
            }
            return key;
        }
    }
}
