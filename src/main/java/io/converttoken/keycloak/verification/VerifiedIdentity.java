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
 * A person at a provider, proven by an external token that was issued to us. Only {@link ExternalTokenVerifiers} makes
 * a verified identity, from a verifier's {@link Proof}, so that a class that holds one need not check again.
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

    /**
     * Creates an identity that works with Keycloak's class as the admin configured it. The verifier may have read the
     * person with a changed copy of that class, but accounts are kept by the configured one.
     */
    static VerifiedIdentity of(Backend backend, CallAllowance access, Proof proof) {
        BrokeredIdentityContext context = proof.person();
        // a provider's token must not get into a session or a cache of ours
        context.getContextData().remove(AbstractOAuth2IdentityProvider.FEDERATED_ACCESS_TOKEN);
        context.getContextData().remove(OIDCIdentityProvider.FEDERATED_ACCESS_TOKEN_RESPONSE);
        context.setIdp(KeycloakProviders.open(access, backend));
        return new VerifiedIdentity(backend, access, proof);
    }

    /** Adds the access token in the form in which a browser login stores it, if the identity provider stores tokens. */
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

    /** Returns the person in the form in which Keycloak's brokering handles persons, as in a browser login. */
    public BrokeredIdentityContext context() {
        return context;
    }

    /**
     * Returns the identity for use in another session, where Keycloak's own class for the identity provider is opened
     * again.
     *
     * @throws ProviderUnavailableException when that class needs the provider's metadata and cannot read them
     */
    public BrokeredIdentityContext contextIn(KeycloakSession session) {
        context.setIdp(KeycloakProviders.open(access.in(session), backend));
        return context;
    }

    /** Returns the federated user id, the same as in a browser login. */
    public String subject() {
        return context.getId();
    }

    /** Returns the name that events and the account console show for this identity. */
    public String username() {
        return context.getUsername();
    }

    /**
     * Returns the key under which Keycloak links the identity to a user: backend and subject, never the e-mail address.
     */
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
