// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import static io.converttoken.keycloak.reason.Checks.step;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.provider.SignatureVerifier;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.keycloak.broker.oidc.OIDCIdentityProvider;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.broker.provider.IdentityBrokerException;
import org.keycloak.events.EventBuilder;
import org.keycloak.jose.jws.JWSInput;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.representations.IDToken;
import org.keycloak.representations.JsonWebToken;
import org.keycloak.util.JsonSerialization;

/**
 * Reads identities out of verified tokens and profiles with the code that Keycloak's browser login uses
 * ({@link OIDCIdentityProvider}), so that the federated user id and the profile come out the same.
 */
final class OpenIdConnectIdentity extends OIDCIdentityProvider {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Optional<ExternalToken> verified;

    private OpenIdConnectIdentity(
            KeycloakSession session, OIDCIdentityProviderConfig config, Optional<ExternalToken> verified) {
        super(session, config);
        this.verified = verified;
    }

    /**
     * Returns the person in an ID token that was verified before. The identity provider's claim filter holds here, too.
     */
    static BrokeredIdentityContext ofIdToken(ProviderCalls calls, IdentityProviderModel model, ExternalToken idToken) {
        return calls.checks()
                .make(
                        Check.IDENTITY,
                        () -> new OpenIdConnectIdentity(calls.session(), config(model), Optional.of(idToken))
                                .fromIdToken(idToken));
    }

    /**
     * Returns the person in a userinfo answer or in the claims of a verified access token. The subject was checked
     * before.
     */
    static BrokeredIdentityContext ofClaims(KeycloakSession session, IdentityProviderModel model, JsonNode claims) {
        return new OpenIdConnectIdentity(session, config(model), Optional.empty()).fromClaims(claims);
    }

    /**
     * Returns a copy of the configuration that makes no calls, checks nothing against a browser's session and stores no
     * token.
     */
    private static OIDCIdentityProviderConfig config(IdentityProviderModel model) {
        OIDCIdentityProviderConfig config = new OIDCIdentityProviderConfig(new IdentityProviderModel(model));
        config.setValidateSignature(true);
        config.setDisableUserInfoService(true);
        config.setDisableNonce(true);
        config.setAccessTokenJwt(false);
        config.setPassMaxAge(false);
        config.setStoreToken(false);
        return config;
    }

    /** Accepts only the one token whose signature {@link SignatureVerifier} has checked. */
    @Override
    protected boolean verify(JWSInput jws) {
        return verified.filter(token -> token.value().equals(jws.getWireString()))
                .isPresent();
    }

    /** Only parses the token. {@link IdTokens} has checked its claims, by rules that core does not know. */
    @Override
    public JsonWebToken validateToken(String encodedToken) {
        try {
            return JsonSerialization.readValue(parseTokenInput(encodedToken, true), JsonWebToken.class);
        } catch (IOException e) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_MALFORMED);
        }
    }

    /**
     * Refuses the token if logins are filtered by claims. The filter of essential claims is defined on ID tokens, so
     * that it cannot be applied without an ID token.
     */
    static void refuseWhereClaimsAreFiltered(ProviderCalls calls, IdentityProviderModel model) {
        calls.checks().inOrder(step(Check.CONFIGURATION, () -> {
            if (new OIDCIdentityProviderConfig(model).isFilteredByClaims()) {
                throw new ExternalTokenRefusedException(ReasonCode.CLAIM_FILTER);
            }
            return Finding.nothing();
        }));
    }

    private BrokeredIdentityContext fromIdToken(ExternalToken idToken) {
        try {
            return getFederatedIdentity(
                    JSON.writeValueAsString(Map.of("access_token", "none", "id_token", idToken.value())));
        } catch (IdentityBrokerException e) {
            throw new ExternalTokenRefusedException(ReasonCode.PROFILE_REFUSED);
        } catch (IOException e) {
            throw new IllegalStateException("a map of two strings can be written", e);
        }
    }

    private BrokeredIdentityContext fromClaims(JsonNode claims) {
        BrokeredIdentityContext identity = extractIdentityFromProfile(
                new EventBuilder(
                        session.getContext().getRealm(),
                        session,
                        session.getContext().getConnection()),
                claims);
        if (claims.hasNonNull(IDToken.EMAIL_VERIFIED)) {
            rememberEmailVerified(identity, claims.get(IDToken.EMAIL_VERIFIED).asText());
        }
        return identity;
    }

    /**
     * Remembers what the provider says about the address. If the provider says that it is not verified, trusting the
     * provider's addresses does not make it so.
     *
     * @param said {@code true} if the address is verified, or anything else if not
     */
    static void rememberEmailVerified(BrokeredIdentityContext identity, String said) {
        JsonWebToken token = new JsonWebToken();
        token.setOtherClaims(IDToken.EMAIL_VERIFIED, said);
        identity.getContextData().put(VALIDATED_ACCESS_TOKEN, token);
    }
}
