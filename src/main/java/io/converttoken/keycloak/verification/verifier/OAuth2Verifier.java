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
import io.converttoken.keycloak.verification.provider.Introspection;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.provider.UserInfo;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.keycloak.broker.oidc.AbstractOAuth2IdentityProvider;
import org.keycloak.broker.oidc.OAuth2IdentityProviderConfig;
import org.keycloak.utils.StringUtil;

/** Verifies access tokens of generic OAuth 2 providers: introspects them, then fetches the profile. */
public final class OAuth2Verifier extends CallingVerifier {

    private final Introspection introspection;
    private final UserInfo userInfo;

    public OAuth2Verifier(ProviderCalls calls) {
        super(calls);
        this.introspection = new Introspection(calls);
        this.userInfo = new UserInfo(calls);
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        AbstractOAuth2IdentityProvider<?> identityProvider = (AbstractOAuth2IdentityProvider<?>) backend.open(session);
        OAuth2IdentityProviderConfig config = identityProvider.getConfig();
        if (Introspection.isOfferedBy(config)) {
            TokenClaims claims = introspection.introspect(token, backend, identityProvider);
            JsonNode profile = profile(token, backend, config);
            checks.inOrder(step(Check.SAME_SUBJECT, () -> requireSameSubject(claims, profile, config)));
            return identity(backend, identityProvider, profile, TokenUse.expiring(token, claims.time("exp")));
        }
        UnboundTokens.requireAccepted(calls, backend);
        return identity(
                backend,
                identityProvider,
                profile(token, backend, config),
                TokenUse.expiring(token, OptionalLong.empty()));
    }

    @Override
    public List<ReasonCode> shortcomings(Backend backend) {
        OAuth2IdentityProviderConfig config = new OAuth2IdentityProviderConfig(backend.identityProvider());
        return Introspection.shortcoming(config, backend).stream().toList();
    }

    private JsonNode profile(ExternalToken token, Backend backend, OAuth2IdentityProviderConfig config) {
        return checks.make(
                Check.PROFILE,
                () -> Optional.ofNullable(config.getUserInfoUrl())
                        .filter(StringUtil::isNotBlank)
                        .flatMap(url -> userInfo.fetch(url, token, backend))
                        .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.PROFILE_MISSING)));
    }

    /** If the profile's id claim is {@code sub}, the profile and the introspection answer must name the same person. */
    private static Finding requireSameSubject(
            TokenClaims claims, JsonNode profile, OAuth2IdentityProviderConfig config) {
        return "sub".equals(config.getUserIDClaim())
                ? claims.requireSamePerson(new TokenClaims(profile))
                : Finding.nothing();
    }

    private Proof identity(
            Backend backend, AbstractOAuth2IdentityProvider<?> identityProvider, JsonNode profile, TokenUse use) {
        return new Proof(new OAuth2Identity(identityProvider).from(profile), use);
    }
}
