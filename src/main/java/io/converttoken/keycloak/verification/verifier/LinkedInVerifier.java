// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import static io.converttoken.keycloak.reason.Checks.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.ProviderAnswer;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;

/**
 * Verifies LinkedIn's ID tokens, and its access tokens by introspectToken, which is not quite RFC 7662
 * (<a href="https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection">reference</a>).
 */
public final class LinkedInVerifier extends IdTokenVerifier {

    private static final String ISSUER = "https://www.linkedin.com/oauth";
    private static final String JWKS_URL = "https://www.linkedin.com/oauth/openid/jwks";
    private static final String INTROSPECTION_URL = "https://www.linkedin.com/oauth/v2/introspectToken";
    private static final String PROFILE_URL = "https://api.linkedin.com/v2/userinfo";

    private static final String OF_A_MEMBER = "3L";
    private static final String OF_THE_APPLICATION = "2L";

    public LinkedInVerifier(ProviderCalls calls) {
        super(calls);
    }

    @Override
    public Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        idTokens.verify(token, jwt, backend, rules(backend));
        return new Proof(OpenIdConnectIdentity.ofIdToken(calls, backend.identityProvider(), token), TokenUse.of(jwt));
    }

    @Override
    IdTokenRules rules(Backend backend) {
        return IdTokenRules.pinned(backend, JWKS_URL, IdTokenRules.issuer(ISSUER));
    }

    @Override
    public List<ReasonCode> shortcomings(Backend backend) {
        return ClientSecret.shortcomings(backend);
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        OpenIdConnectIdentity.refuseWhereClaimsAreFiltered(calls, backend.identityProvider());
        JsonNode answer = checks.make(Check.INTROSPECTION, () -> introspect(token, backend));
        long expiry = answer.path("expires_at").asLong();
        checks.inOrder(
                step(Check.ISSUED_TO, () -> Answered.requireOurs(answer, "client_id", Set.of(backend.clientId()))),
                step(Check.PERSON, () -> requireMember(answer.path("auth_type").asText())),
                step(Check.VALIDITY, () -> Answered.requireUnexpired(OptionalLong.of(expiry))));
        JsonNode profile = checks.make(
                Check.PROFILE, () -> calls.get(PROFILE_URL, token).requireOk(ReasonCode.TOKEN_INACTIVE, 400, 401, 403));
        checks.inOrder(step(Check.SUBJECT, () -> new TokenClaims(profile).checkSubject()));
        return new Proof(
                OpenIdConnectIdentity.ofClaims(session, backend.identityProvider(), profile),
                TokenUse.expiring(token, OptionalLong.of(expiry)));
    }

    private JsonNode introspect(ExternalToken token, Backend backend) {
        String secret = ClientSecret.of(calls, new OIDCIdentityProviderConfig(backend.identityProvider()));
        ProviderAnswer answer = calls.post(
                INTROSPECTION_URL,
                token,
                (request, value) -> request.param("token", value)
                        .param("client_id", backend.clientId())
                        .param("client_secret", secret));
        return requireActive(answer.requireOk(ReasonCode.TOKEN_INACTIVE, 400));
    }

    private static JsonNode requireActive(JsonNode answer) {
        boolean isActive = answer.path("active").isBoolean()
                && answer.path("active").booleanValue()
                && answer.path("status").asText("active").equals("active");
        if (!isActive) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_INACTIVE);
        }
        return answer;
    }

    private static Finding requireMember(String type) {
        Finding finding = Finding.of(() -> "auth_type " + OF_A_MEMBER, () -> "auth_type " + type);
        if (type.equals(OF_THE_APPLICATION)) {
            throw new ExternalTokenRefusedException(ReasonCode.NOT_A_PERSON, finding);
        }
        if (!type.equals(OF_A_MEMBER)) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_KIND_UNSUPPORTED, finding);
        }
        return finding;
    }
}
