// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.Refusal;
import io.converttoken.keycloak.verification.TokenKind;
import io.converttoken.keycloak.verification.token.Issuers;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenKinds;
import java.util.Locale;
import java.util.Set;
import org.keycloak.OAuth2Constants;
import org.keycloak.broker.oidc.AbstractOAuth2IdentityProvider;
import org.keycloak.broker.oidc.OAuth2IdentityProviderConfig;
import org.keycloak.common.util.Time;
import org.keycloak.utils.StringUtil;

/** Asks the provider about a token (RFC 7662), authenticated as the identity provider is configured. */
public final class Introspection {

    private static final Set<String> ACCESS_TOKEN_TYPES =
            Set.of("bearer", "access_token", OAuth2Constants.ACCESS_TOKEN_TYPE);

    private final ProviderCalls calls;
    private final JwtAnswers jwts;

    public Introspection(ProviderCalls calls) {
        this.calls = calls;
        this.jwts = new JwtAnswers(calls);
    }

    public static boolean isOfferedBy(OAuth2IdentityProviderConfig config) {
        return StringUtil.isNotBlank(config.getTokenIntrospectionUrl());
    }

    /**
     * Returns what the provider says about a token that is active and ours.
     *
     * @throws ExternalTokenRefusedException when the token is not active or not ours, when the answer does not say so,
     *     or when we have no secret to ask with
     * @throws ProviderUnavailableException when the provider does not answer, or does not accept our request
     */
    public TokenClaims introspect(
            ExternalToken token, Backend backend, AbstractOAuth2IdentityProvider<?> identityProvider) {
        requireSecret(identityProvider.getConfig());
        ProviderAnswer answer = calls.post(
                identityProvider.getConfig().getTokenIntrospectionUrl(),
                token,
                (request, value) -> identityProvider.authenticateTokenRequest(
                        request.param("token", value).param("token_type_hint", "access_token")));
        // RFC 7662, section 2.2: the answer to a bad token is 200 and says that it is not active; any other status is
        // about our request
        JsonNode body = answer.jwt()
                .map(jwt -> jwts.introspection(jwt, backend))
                .orElseGet(() -> answer.requireOk(Refusal.INACTIVE));
        if (!body.path("active").isBoolean() || !body.path("active").booleanValue()) {
            throw new ExternalTokenRefusedException(Refusal.INACTIVE);
        }
        TokenClaims claims = new TokenClaims(body);
        claims.requireBearer();
        requireAccessToken(claims);
        requireValidNow(claims, Issuers.clockSkew(backend.identityProvider()));
        claims.requireIssuedTo(backend.ourClientIds());
        claims.requirePerson();
        return claims;
    }

    private static void requireSecret(OAuth2IdentityProviderConfig config) {
        if (!config.isJWTAuthentication() && StringUtil.isBlank(config.getClientSecret())) {
            throw new ExternalTokenRefusedException(Refusal.NO_SECRET_CONFIGURED);
        }
    }

    /** Refuses tokens of other kinds, because RFC 7662 introspects refresh tokens, too, whatever the hint says. */
    private static void requireAccessToken(TokenClaims claims) {
        boolean isAnotherKind = TokenKinds.statedBy(claims)
                .filter(kind -> kind != TokenKind.ACCESS_TOKEN)
                .isPresent();
        boolean isAnotherType = claims.text("token_type")
                .filter(type -> !ACCESS_TOKEN_TYPES.contains(type.toLowerCase(Locale.ROOT)))
                .isPresent();
        if (isAnotherKind || isAnotherType) {
            throw new ExternalTokenRefusedException(Refusal.UNSUPPORTED_TOKEN);
        }
    }

    private static void requireValidNow(TokenClaims claims, int skew) {
        if (claims.has("exp")) {
            claims.requireValidAt(Time.currentTimeSeconds(), skew);
        } else {
            claims.requireNotBefore(Time.currentTimeSeconds(), skew);
        }
    }
}
