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
import io.converttoken.keycloak.verification.provider.TokenResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
import org.keycloak.util.Booleans;
import org.keycloak.util.JsonSerialization;

/**
 * Reads identities out of verified tokens and profiles with the code that Keycloak's browser login uses
 * ({@link OIDCIdentityProvider}), so that the federated user id and the profile come out the same.
 */
final class OpenIdConnectIdentity extends OIDCIdentityProvider {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Set<String> verified;

    private OpenIdConnectIdentity(KeycloakSession session, OIDCIdentityProviderConfig config, Set<String> verified) {
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
                        () -> new OpenIdConnectIdentity(calls.session(), config(model), Set.of(idToken.value()))
                                .fromResponse(Map.of("access_token", "none", "id_token", idToken.value())));
    }

    /**
     * Returns the person in the tokens that the provider gave for a code. If the identity provider stores tokens, they
     * are stored as after a browser login.
     *
     * @param idToken the ID token, verified before
     * @param accessToken the access token, if it was verified before, so that mappers can read it
     * @param profile the answer of userinfo, if it was asked
     */
    static BrokeredIdentityContext ofTokens(
            ProviderCalls calls,
            IdentityProviderModel model,
            TokenResponse tokens,
            ExternalToken idToken,
            Optional<ExternalToken> accessToken,
            Optional<JsonNode> profile) {
        OIDCIdentityProviderConfig config = config(model);
        config.setStoreToken(Booleans.isTrue(model.isStoreToken()));
        config.setAccessTokenJwt(accessToken.isPresent());
        Set<String> verified = Stream.concat(Stream.of(idToken), accessToken.stream())
                .map(ExternalToken::value)
                .collect(Collectors.toUnmodifiableSet());
        return calls.checks().make(Check.IDENTITY, () -> {
            OpenIdConnectIdentity reader = new OpenIdConnectIdentity(calls.session(), config, verified);
            BrokeredIdentityContext identity = reader.fromResponse(tokens.json());
            return profile.map(claims -> reader.withProfile(identity, claims)).orElse(identity);
        });
    }

    /**
     * Returns the person in a userinfo answer or in the claims of a verified access token. The subject was checked
     * before.
     */
    static BrokeredIdentityContext ofClaims(KeycloakSession session, IdentityProviderModel model, JsonNode claims) {
        return new OpenIdConnectIdentity(session, config(model), Set.of()).fromClaims(claims);
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

    /** Accepts only tokens whose signatures {@link SignatureVerifier} has checked. */
    @Override
    protected boolean verify(JWSInput jws) {
        return verified.contains(jws.getWireString());
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

    private BrokeredIdentityContext fromResponse(Object tokenResponse) {
        try {
            return getFederatedIdentity(JSON.writeValueAsString(tokenResponse));
        } catch (IdentityBrokerException e) {
            throw new ExternalTokenRefusedException(ReasonCode.PROFILE_REFUSED);
        } catch (IOException e) {
            throw new IllegalStateException("a token response can be written", e);
        }
    }

    /** Takes id, names and address from the profile, as a browser login does. All else comes from the tokens. */
    private BrokeredIdentityContext withProfile(BrokeredIdentityContext ofTokens, JsonNode profile) {
        BrokeredIdentityContext identity = extractIdentityFromProfile(newEvent(), profile);
        ofTokens.getContextData().forEach(identity.getContextData()::putIfAbsent);
        identity.setBrokerSessionId(ofTokens.getBrokerSessionId());
        identity.setToken(ofTokens.getToken());
        return identity;
    }

    private EventBuilder newEvent() {
        return new EventBuilder(
                session.getContext().getRealm(), session, session.getContext().getConnection());
    }

    private BrokeredIdentityContext fromClaims(JsonNode claims) {
        BrokeredIdentityContext identity = extractIdentityFromProfile(newEvent(), claims);
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
