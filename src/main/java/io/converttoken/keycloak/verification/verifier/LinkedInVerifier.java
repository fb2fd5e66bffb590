// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Refusal;
import io.converttoken.keycloak.verification.provider.ProviderAnswer;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.OptionalLong;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.common.util.Time;

/**
 * Verifies LinkedIn's ID tokens, and its access tokens by introspectToken, which is not quite RFC 7662
 * (<a href="https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection">reference</a>).
 */
public final class LinkedInVerifier implements ExternalTokenVerifier {

    private static final String ISSUER = "https://www.linkedin.com/oauth";
    private static final String JWKS_URL = "https://www.linkedin.com/oauth/openid/jwks";
    private static final String INTROSPECTION_URL = "https://www.linkedin.com/oauth/v2/introspectToken";
    private static final String PROFILE_URL = "https://api.linkedin.com/v2/userinfo";

    private static final String OF_A_MEMBER = "3L";
    private static final String OF_THE_APPLICATION = "2L";

    private final IdTokens idTokens;
    private final ProviderCalls calls;

    public LinkedInVerifier(ProviderCalls calls) {
        this.calls = calls;
        this.idTokens = new IdTokens(calls);
    }

    @Override
    public Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        idTokens.verify(token, jwt, backend, IdTokenRules.pinned(backend, JWKS_URL, IdTokenRules.issuer(ISSUER)));
        return new Proof(
                OpenIdConnectIdentity.ofIdToken(calls.session(), backend.identityProvider(), token), TokenUse.of(jwt));
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        OpenIdConnectIdentity.refuseWhereClaimsAreFiltered(backend.identityProvider());
        JsonNode answer = introspect(token, backend);
        requireValidAndOurs(answer, backend);
        JsonNode profile = calls.get(PROFILE_URL, token).requireOk(Refusal.INACTIVE, 400, 401, 403);
        new TokenClaims(profile).requireSubject();
        return new Proof(
                OpenIdConnectIdentity.ofClaims(calls.session(), backend.identityProvider(), profile),
                TokenUse.expiring(
                        token, OptionalLong.of(answer.path("expires_at").asLong())));
    }

    private JsonNode introspect(ExternalToken token, Backend backend) {
        String secret = ClientSecret.of(calls.session(), new OIDCIdentityProviderConfig(backend.identityProvider()));
        ProviderAnswer answer = calls.post(
                INTROSPECTION_URL,
                token,
                (request, value) -> request.param("token", value)
                        .param("client_id", backend.clientId())
                        .param("client_secret", secret));
        return answer.requireOk(Refusal.INACTIVE, 400);
    }

    private static void requireMember(String type) {
        if (type.equals(OF_THE_APPLICATION)) {
            throw new ExternalTokenRefusedException(Refusal.NOT_A_PERSON);
        }
        if (!type.equals(OF_A_MEMBER)) {
            throw new ExternalTokenRefusedException(Refusal.UNSUPPORTED_TOKEN);
        }
    }

    private static void requireValidAndOurs(JsonNode answer, Backend backend) {
        boolean isActive = answer.path("active").isBoolean()
                && answer.path("active").booleanValue()
                && answer.path("status").asText("active").equals("active");
        if (!isActive) {
            throw new ExternalTokenRefusedException(Refusal.INACTIVE);
        }
        if (!answer.path("client_id").asText().equals(backend.clientId())) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_AUDIENCE);
        }
        requireMember(answer.path("auth_type").asText());
        if (answer.path("expires_at").asLong() <= Time.currentTimeSeconds()) {
            throw new ExternalTokenRefusedException(Refusal.EXPIRED);
        }
    }
}
