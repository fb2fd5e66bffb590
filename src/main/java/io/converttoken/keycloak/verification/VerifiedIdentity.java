package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.backend.Backend;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
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
 * A person at a provider, proven by an external token that was issued to us. Only this package builds it: whoever holds
 * one need not check again.
 */
public final class VerifiedIdentity {

    /** Columns of Keycloak's tables FEDERATED_IDENTITY and OFFLINE_USER_SESSION. */
    private static final int MAX_NAME_LENGTH = 255;

    private static final int MAX_SESSION_ID_LENGTH = 1024;

    private final Backend backend;
    private final BrokeredIdentityContext context;
    private final TokenUse tokenUse;
    private final ProviderAccess access;

    /** @throws ExternalTokenRefusedException when nobody is named, or Keycloak can not store what is said of the person */
    private VerifiedIdentity(
            Backend backend, BrokeredIdentityContext context, TokenUse tokenUse, ProviderAccess access) {
        if (context.getId() == null || context.getId().isBlank()) {
            throw new ExternalTokenRefusedException(Refusal.NO_SUBJECT);
        }
        requireStorable(context.getId(), MAX_NAME_LENGTH);
        requireStorable(context.getUsername(), MAX_NAME_LENGTH);
        requireStorable(context.getEmail(), MAX_NAME_LENGTH);
        requireStorable(context.getBrokerSessionId(), MAX_SESSION_ID_LENGTH);
        this.backend = backend;
        this.context = context;
        this.tokenUse = tokenUse;
        this.access = access;
    }

    /** The identity as read by a copy of Keycloak's class; accounts are kept by the configured one. */
    static VerifiedIdentity of(
            Backend backend, ProviderCalls calls, BrokeredIdentityContext context, TokenUse tokenUse) {
        // no provider's token in a session or a cache of ours
        context.getContextData().remove(AbstractOAuth2IdentityProvider.FEDERATED_ACCESS_TOKEN);
        context.getContextData().remove(OIDCIdentityProvider.FEDERATED_ACCESS_TOKEN_RESPONSE);
        context.setIdp(ProviderClasses.open(calls.access(), backend));
        return new VerifiedIdentity(backend, context, tokenUse, calls.access());
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

    private static void requireStorable(@Nullable String text, int maxLength) {
        if (text != null && (text.length() > maxLength || text.chars().anyMatch(Character::isISOControl))) {
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
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
     * @throws ProviderUnavailableException when that class needs the provider's metadata and can not read them
     */
    public BrokeredIdentityContext contextIn(KeycloakSession session) {
        context.setIdp(ProviderClasses.open(access.in(session), backend));
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
