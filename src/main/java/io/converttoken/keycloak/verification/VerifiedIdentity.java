// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.provider.CallAllowance;
import io.converttoken.keycloak.verification.provider.KeycloakProviders;
import io.converttoken.keycloak.verification.token.TokenUse;
import io.converttoken.keycloak.verification.verifier.Proof;
import java.io.IOException;
import org.keycloak.broker.oidc.AbstractOAuth2IdentityProvider;
import org.keycloak.broker.oidc.OIDCIdentityProvider;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.representations.AccessTokenResponse;
import org.keycloak.util.Booleans;
import org.keycloak.util.JsonSerialization;
import org.keycloak.util.TokenUtil;

/**
 * A person at a provider, proven by an external token that was issued to us. Only {@link ExternalTokenVerifiers} makes one, of
 * a verifier's {@link Proof}, so that a class that holds one need not check again.
 */
public final class VerifiedIdentity {

    private final Backend backend;
    private final BrokeredIdentityContext context;
    private final TokenUse tokenUse;
    private final CallAllowance access;

    private VerifiedIdentity(Backend backend, CallAllowance access, Proof proof) {
        this.backend = backend;
        this.access = access;
        this.context = proof.person();
        this.tokenUse = proof.use();
    }

    /** The identity as read by a copy of Keycloak's class; accounts are kept by the configured one. */
    static VerifiedIdentity of(Backend backend, CallAllowance access, Proof proof) {
        BrokeredIdentityContext context = proof.person();
        // no provider's token in a session or a cache of ours
        context.getContextData().remove(AbstractOAuth2IdentityProvider.FEDERATED_ACCESS_TOKEN);
        context.getContextData().remove(OIDCIdentityProvider.FEDERATED_ACCESS_TOKEN_RESPONSE);
        context.setIdp(KeycloakProviders.open(access, backend));
        return new VerifiedIdentity(backend, access, proof);
    }

    /**
     * Hands the access token on to be stored, where the identity provider stores tokens: in the form that a browser login
     * leaves it in.
     */
    VerifiedIdentity keeping(ExternalToken accessToken) {
        if (Booleans.isTrue(backend.identityProvider().isStoreToken())) {
            AccessTokenResponse response = new AccessTokenResponse();
            response.setToken(accessToken.value());
            response.setTokenType(TokenUtil.TOKEN_TYPE_BEARER);
            context.setToken(written(response));
        }
        return this;
    }

    private static String written(AccessTokenResponse response) {
        try {
            return JsonSerialization.writeValueAsString(response);
        } catch (IOException e) {
            throw new IllegalStateException("a token response can be written", e);
        }
    }

    public Backend backend() {
        return backend;
    }

    /** What Keycloak's own class for the identity provider makes of the person, as in a browser login. */
    public BrokeredIdentityContext context() {
        return context;
    }

    /**
     * Hands the identity over to another session, together with Keycloak's own class for the identity provider.
     *
     * @throws ProviderUnavailableException when that class needs the provider's metadata and cannot read them
     */
    public BrokeredIdentityContext contextIn(KeycloakSession session) {
        context.setIdp(KeycloakProviders.open(access.in(session), backend));
        return context;
    }

    /** The federated user id, the same as in a browser login. */
    public String subject() {
        return context.getId();
    }

    /** The name that events and the account console show for this identity. */
    public String username() {
        return context.getUsername();
    }

    /** The key under which Keycloak links the identity to a user: backend and subject, never the e-mail address. */
    public FederatedIdentityModel federatedIdentity() {
        return new FederatedIdentityModel(backend.alias(), subject(), username(), context.getToken());
    }

    TokenUse tokenUse() {
        return tokenUse;
    }

    @Override
    public String toString() {
        return "VerifiedIdentity[" + backend.alias() + "]";
    }
}
