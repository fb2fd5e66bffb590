// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import static io.converttoken.keycloak.reason.Checks.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.TokenKind;
import io.converttoken.keycloak.verification.token.Issuers;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenKinds;
import java.util.Locale;
import java.util.Optional;
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

    /** Returns why opaque tokens will always be refused, if they will. */
    public static Optional<ReasonCode> shortcoming(OAuth2IdentityProviderConfig config, Backend backend) {
        if (!isOfferedBy(config)) {
            return backend.config().acceptUnboundTokens() ? Optional.empty() : Optional.of(ReasonCode.TOKEN_UNBOUND);
        }
        return hasSecret(config) ? Optional.empty() : Optional.of(ReasonCode.SECRET_NOT_CONFIGURED);
    }

    /** Returns whether our client at the provider has credentials. */
    public static boolean hasSecret(OAuth2IdentityProviderConfig config) {
        return config.isJWTAuthentication() || StringUtil.isNotBlank(config.getClientSecret());
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
        Checks checks = calls.checks();
        checks.inOrder(step(Check.CONFIGURATION, () -> requireSecret(identityProvider.getConfig())));
        TokenClaims claims =
                checks.make(Check.INTROSPECTION, () -> new TokenClaims(active(token, backend, identityProvider)));
        int skew = Issuers.clockSkew(backend.identityProvider());
        checks.inOrder(
                step(Check.BINDING, claims::requireBearer),
                step(Check.KIND, () -> requireAccessToken(claims)),
                step(Check.VALIDITY, () -> requireValidNow(claims, skew)),
                step(Check.ISSUED_TO, () -> claims.requireIssuedTo(backend.ourClientIds())),
                step(Check.PERSON, claims::requirePerson));
        return claims;
    }

    private JsonNode active(ExternalToken token, Backend backend, AbstractOAuth2IdentityProvider<?> identityProvider) {
        ProviderAnswer answer = calls.post(
                identityProvider.getConfig().getTokenIntrospectionUrl(),
                token,
                (request, value) -> identityProvider.authenticateTokenRequest(
                        request.param("token", value).param("token_type_hint", "access_token")));
        // RFC 7662, section 2.2: the answer to a bad token is 200 and says that it is not active; any other status is
        // about our request
        JsonNode body = answer.jwt()
                .map(jwt -> jwts.introspection(jwt, backend))
                .orElseGet(() -> answer.requireOk(ReasonCode.TOKEN_INACTIVE));
        if (!body.path("active").isBoolean() || !body.path("active").booleanValue()) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_INACTIVE, Finding.found(answer::address));
        }
        return body;
    }

    private static Finding requireSecret(OAuth2IdentityProviderConfig config) {
        if (!hasSecret(config)) {
            throw new ExternalTokenRefusedException(ReasonCode.SECRET_NOT_CONFIGURED);
        }
        return Finding.nothing();
    }

    /** Refuses tokens of other kinds, because RFC 7662 introspects refresh tokens, too, whatever the hint says. */
    private static Finding requireAccessToken(TokenClaims claims) {
        boolean isAnotherKind = TokenKinds.statedBy(claims)
                .filter(kind -> kind != TokenKind.ACCESS_TOKEN)
                .isPresent();
        boolean isAnotherType = claims.text("token_type")
                .filter(type -> !ACCESS_TOKEN_TYPES.contains(type.toLowerCase(Locale.ROOT)))
                .isPresent();
        Finding finding = Finding.of(
                () -> "an access token",
                () -> "token_type " + claims.text("token_type").orElse("none"));
        if (isAnotherKind || isAnotherType) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_KIND_UNSUPPORTED, finding);
        }
        return Finding.nothing();
    }

    private static Finding requireValidNow(TokenClaims claims, int skew) {
        return claims.has("exp")
                ? claims.requireValidAt(Time.currentTimeSeconds(), skew)
                : claims.requireNotBefore(Time.currentTimeSeconds(), skew);
    }
}
