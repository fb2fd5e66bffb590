// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Refusal;
import io.converttoken.keycloak.verification.provider.ProviderAnswer;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.GoogleAccount;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.IdTokenRules.AuthorizedParty;
import io.converttoken.keycloak.verification.token.JsonMembers;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.keycloak.common.util.Time;
import org.keycloak.models.KeycloakSession;
import org.keycloak.social.google.GoogleIdentityProvider;
import org.keycloak.social.google.GoogleIdentityProviderConfig;

/**
 * Verifies Google's ID tokens of Sign in with Google
 * (<a href="https://developers.google.com/identity/openid-connect/reference">reference</a>), and its access tokens by
 * tokeninfo.
 */
public final class GoogleVerifier implements ExternalTokenVerifier {

    private static final String LEGACY_ISSUER = "accounts.google.com";
    private static final String ANY_DOMAIN = "*";

    private final KeycloakSession session;
    private final IdTokens idTokens;
    private final ProviderCalls calls;

    public GoogleVerifier(ProviderCalls calls) {
        this.calls = calls;
        this.session = calls.session();
        this.idTokens = new IdTokens(calls);
    }

    /**
     * On Android, {@code aud} is our web client and {@code azp} the Android client, so that {@code azp} need not be
     * ours. It must be an application all the same, see {@link GoogleAccount}.
     */
    @Override
    public Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        IdTokenRules rules = IdTokenRules.pinned(
                        backend,
                        GoogleIdentityProvider.JWKS_URL,
                        IdTokenRules.issuer(GoogleIdentityProvider.ISSUER_URL, LEGACY_ISSUER))
                .with(AuthorizedParty.ANYBODY);
        idTokens.verify(token, jwt, backend, rules);
        requirePerson(jwt.claims().json(), backend);
        requireHostedDomain(jwt.claims(), backend);
        return new Proof(OpenIdConnectIdentity.ofIdToken(session, backend.identityProvider(), token), TokenUse.of(jwt));
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        OpenIdConnectIdentity.refuseWhereClaimsAreFiltered(backend.identityProvider());
        JsonNode info = tokenInfo(token);
        requirePerson(info, backend);
        requireOurs(info.path("aud").asText(), backend);
        requireOurs(info.path("azp").asText(), backend);
        long expiry = info.path("exp").asLong();
        if (expiry <= Time.currentTimeSeconds()) {
            throw new ExternalTokenRefusedException(Refusal.EXPIRED);
        }
        JsonNode profile = profile(token);
        TokenClaims claims = new TokenClaims(profile);
        if (!JsonMembers.requireId(info, "sub").equals(claims.requireSubject())) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_SUBJECT);
        }
        requirePerson(profile, backend);
        requireHostedDomain(claims, backend);
        return new Proof(
                OpenIdConnectIdentity.ofClaims(session, backend.identityProvider(), profile),
                TokenUse.expiring(token, OptionalLong.of(expiry)));
    }

    private JsonNode tokenInfo(ExternalToken token) {
        ProviderAnswer answer = calls.get(
                GoogleIdentityProvider.TOKEN_INFO_URL, token, (request, value) -> request.param("access_token", value));
        return answer.requireOk(Refusal.INACTIVE, 400, 401);
    }

    private JsonNode profile(ExternalToken token) {
        return calls.get(GoogleIdentityProvider.PROFILE_URL, token).requireOk(Refusal.INACTIVE, 400, 401, 403);
    }

    private static void requirePerson(JsonNode claims, Backend backend) {
        if (!GoogleAccount.of(claims).isPerson(backend.ourClientIds())) {
            throw new ExternalTokenRefusedException(Refusal.NOT_A_PERSON);
        }
    }

    private static void requireOurs(String clientId, Backend backend) {
        if (!backend.ourClientIds().contains(clientId)) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_AUDIENCE);
        }
    }

    /**
     * Checks the domain as {@link GoogleIdentityProvider} does: the setting is a list of domains, or a star for any
     * account.
     */
    private static void requireHostedDomain(TokenClaims claims, Backend backend) {
        String configured = new GoogleIdentityProviderConfig(backend.identityProvider()).getHostedDomain();
        if (configured == null || configured.equals(ANY_DOMAIN)) {
            return;
        }
        Optional<String> domain = claims.text("hd");
        if (domain.filter(List.of(configured.split(",", -1))::contains).isEmpty()) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_DOMAIN);
        }
    }
}
