package io.converttoken.keycloak.verification;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import java.util.Optional;
import java.util.OptionalLong;
import org.keycloak.broker.oidc.AbstractOAuth2IdentityProvider;
import org.keycloak.broker.oidc.OAuth2IdentityProviderConfig;
import org.keycloak.models.KeycloakSession;
import org.keycloak.utils.StringUtil;

/** Access tokens of generic OAuth 2 providers: introspected, then opened by the profile endpoint. */
final class OAuth2Verifier implements ExternalTokenVerifier {

    private final ProviderCalls calls;
    private final KeycloakSession session;
    private final Introspection introspection;
    private final UserInfo userInfo;

    OAuth2Verifier(ProviderCalls calls) {
        this.calls = calls;
        this.session = calls.session();
        this.introspection = new Introspection(calls);
        this.userInfo = new UserInfo(calls);
    }

    @Override
    public VerifiedIdentity verifyOpaqueToken(ExternalToken token, Backend backend) {
        AbstractOAuth2IdentityProvider<?> identityProvider = (AbstractOAuth2IdentityProvider<?>) backend.open(session);
        OAuth2IdentityProviderConfig config = identityProvider.getConfig();
        if (Introspection.isOfferedBy(config)) {
            TokenClaims claims = introspection.introspect(token, backend, identityProvider);
            JsonNode profile = profile(token, backend, config);
            requireSameSubject(claims, profile, config);
            return identity(backend, identityProvider, profile, TokenUse.ofIntrospected(token, claims.time("exp")));
        }
        UnboundTokens.requireAccepted(session, backend);
        return identity(
                backend,
                identityProvider,
                profile(token, backend, config),
                TokenUse.ofIntrospected(token, OptionalLong.empty()));
    }

    private JsonNode profile(ExternalToken token, Backend backend, OAuth2IdentityProviderConfig config) {
        return Optional.ofNullable(config.getUserInfoUrl())
                .filter(StringUtil::isNotBlank)
                .flatMap(url -> userInfo.fetch(url, token, backend))
                .orElseThrow(() -> new ExternalTokenRefusedException(Refusal.NO_PROFILE));
    }

    /** Where the profile's id claim is the introspected subject's, both must be of one person. */
    private static void requireSameSubject(TokenClaims claims, JsonNode profile, OAuth2IdentityProviderConfig config) {
        if ("sub".equals(config.getUserIDClaim())) {
            claims.requireSamePerson(new TokenClaims(profile));
        }
    }

    private VerifiedIdentity identity(
            Backend backend, AbstractOAuth2IdentityProvider<?> identityProvider, JsonNode profile, TokenUse use) {
        return VerifiedIdentity.of(backend, calls, new OAuth2Identity(identityProvider).from(profile), use);
    }
}
