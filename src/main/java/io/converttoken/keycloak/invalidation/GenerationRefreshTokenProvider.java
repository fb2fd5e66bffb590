// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.internals.SessionRows;
import io.converttoken.keycloak.signin.SignInTime;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuthErrorException;
import org.keycloak.common.ClientConnection;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.protocol.oidc.TokenManager.AccessTokenResponseBuilder;
import org.keycloak.protocol.oidc.TokenManager.TokenValidation;
import org.keycloak.protocol.oidc.refresh.DefaultRefreshTokenProvider;
import org.keycloak.protocol.oidc.refresh.InitialRefreshTokenContext;
import org.keycloak.protocol.oidc.refresh.RefreshTokenContext;
import org.keycloak.representations.RefreshToken;
import org.keycloak.util.TokenUtil;

/**
 * Keycloak's refresh tokens, with their generation, their epoch and the time of the sign-in that they go back to.
 * Tokens of former generations and epochs are refused. A refreshed token keeps the time of that sign-in
 * ({@code auth_time}: OpenID Connect Core, section 12.2), however often the person has signed in since in the same
 * browser. The tokens name Keycloak's own provider, so that they still work when the extension is removed.
 */
final class GenerationRefreshTokenProvider extends DefaultRefreshTokenProvider {

    private final Generations generations;
    private final DeadRefreshTokens dead;
    private final RefreshTokenProviders providers;
    private final boolean areSessionsCached;

    /** @param areSessionsCached see {@link SessionRows#areCached} */
    GenerationRefreshTokenProvider(KeycloakSession session, boolean areSessionsCached) {
        super(session);
        this.areSessionsCached = areSessionsCached;
        this.generations = new Generations(session);
        this.dead = new DeadRefreshTokens(session);
        this.providers = new RefreshTokenProviders(session);
    }

    @Override
    public boolean supports(InitialRefreshTokenContext context) {
        return super.supports(context) && providers.wouldLeaveToKeycloak(other -> other.supports(context));
    }

    /**
     * Asks the other providers and does not trust the name of a provider in the token: if that provider does not take
     * the token, Keycloak's own provider would take it without looking at its generation.
     */
    @Override
    public boolean supports(RefreshTokenContext context) {
        return super.supports(context) && providers.wouldLeaveToKeycloak(other -> other.supports(context));
    }

    @Override
    public RefreshToken generateRefreshToken(InitialRefreshTokenContext context) {
        RefreshToken token = super.generateRefreshToken(context);
        AuthenticatedClientSessionModel clientSession =
                context.clientSessionCtx().getClientSession();
        ClientModel client = clientSession.getClient();
        UserSessionModel userSession = userSession(token, clientSession.getUserSession());
        token.getOtherClaims().put(Generations.CLAIM, generations.current(userSession, client));
        ClientSessionEpoch.of(userSession, client.getId())
                .ifPresent(epoch -> token.getOtherClaims().put(ClientSessionEpoch.CLAIM, epoch.id()));
        token.setAuth_time(SignInTime.of(clientSession.getUserSession()).seconds());
        return token;
    }

    /** An offline token that is requested in an online session belongs to the offline session with the same id. */
    private UserSessionModel userSession(RefreshToken token, UserSessionModel userSession) {
        if (userSession.isOffline() || !TokenUtil.TOKEN_TYPE_OFFLINE.equals(token.getType())) {
            return userSession;
        }
        return Optional.ofNullable(
                        session.sessions().getOfflineUserSession(userSession.getRealm(), userSession.getId()))
                .orElse(userSession);
    }

    @Override
    protected void afterRefreshTokenGenerated(RefreshTokenContext context, AccessTokenResponseBuilder answer) {
        super.afterRefreshTokenGenerated(context, answer);
        UserSessionModel userSession =
                answer.getClientSessionCtx().getClientSession().getUserSession();
        SignInTime former = SignInTime.of(context.oldRefreshToken());
        if (SignInTime.of(userSession).isAfter(former)) {
            Stream.of(answer.getAccessToken(), answer.getIdToken(), answer.getRefreshToken())
                    .filter(Objects::nonNull)
                    .forEach(token -> token.setAuth_time(former.seconds()));
        }
    }

    @Override
    protected TokenValidation validateToken(
            KeycloakSession keycloakSession,
            UriInfo uriInfo,
            ClientConnection connection,
            RealmModel realm,
            RefreshToken token,
            HttpHeaders headers,
            @Nullable String scope,
            ClientModel client,
            TokenManager tokenManager,
            EventBuilder event)
            throws OAuthErrorException {
        if (!areSessionsCached) {
            generations.readAhead(token, client, Optional.empty());
        }
        TokenValidation validation = super.validateToken(
                keycloakSession, uriInfo, connection, realm, token, headers, scope, client, tokenManager, event);
        if (areSessionsCached) {
            // not earlier, because Keycloak would then find a session that has just ended in the persistence context
            // and cache it again
            generations.readAhead(token, client, Optional.of(client));
        }
        if (dead.contain(token, validation.userSession, client)) {
            throw new OAuthErrorException(
                    OAuthErrorException.INVALID_GRANT,
                    "Refresh token was invalidated",
                    "Refresh token was invalidated");
        }
        return validation;
    }
}
