// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.keycloak.OAuth2Constants;
import org.keycloak.common.util.Time;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ClientSessionContext;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.models.UserSessionModel.SessionPersistenceState;
import org.keycloak.protocol.oidc.OIDCAdvancedConfigWrapper;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.protocol.oidc.grants.OAuth2GrantType;
import org.keycloak.protocol.oidc.grants.RefreshTokenGrantType;
import org.keycloak.protocol.oidc.refresh.DefaultRefreshTokenProviderFactory;
import org.keycloak.protocol.oidc.refresh.InitialRefreshTokenContext;
import org.keycloak.protocol.oidc.refresh.RefreshTokenContext;
import org.keycloak.protocol.oidc.refresh.RefreshTokenProvider;
import org.keycloak.representations.AccessToken;
import org.keycloak.representations.RefreshToken;
import org.keycloak.services.cors.Cors;
import org.keycloak.services.util.DefaultClientSessionContext;
import org.keycloak.util.TokenUtil;

/**
 * The questions that Keycloak asks refresh token providers when a client gets refresh tokens of OpenID Connect for a
 * user and when it uses them, online and offline. The user session of the questions is never stored.
 */
final class PlainTokens {

    private static final String ONLINE_SCOPE = OAuth2Constants.SCOPE_OPENID;
    private static final String OFFLINE_SCOPE = ONLINE_SCOPE + " " + OAuth2Constants.OFFLINE_ACCESS;

    private final KeycloakSession session;
    private final RealmModel realm;
    private final ClientModel client;
    private final EventBuilder event;
    private final TokenManager tokenManager = new TokenManager();
    private final AuthenticatedClientSessionModel clientSession;

    /**
     * @param session a session of its own, because Keycloak keeps in it what it is asked about; realm and client are
     *     set
     */
    PlainTokens(KeycloakSession session, UserModel user) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.client = session.getContext().getClient();
        this.event = new EventBuilder(realm, session);
        UserSessionModel userSession = session.sessions()
                .createUserSession(
                        UUID.randomUUID().toString(),
                        realm,
                        user,
                        user.getUsername(),
                        session.getContext().getConnection().getRemoteHost(),
                        OIDCLoginProtocol.LOGIN_PROTOCOL,
                        false,
                        null,
                        null,
                        SessionPersistenceState.TRANSIENT);
        this.clientSession = session.sessions().createClientSession(realm, client, userSession);
        clientSession.setProtocol(OIDCLoginProtocol.LOGIN_PROTOCOL);
    }

    /** Returns the questions, in no particular order. */
    List<Predicate<RefreshTokenProvider>> questions() {
        return Stream.<Predicate<RefreshTokenProvider>>of(
                        provider -> provider.supports(issued(ONLINE_SCOPE, false)),
                        provider -> provider.supports(issued(OFFLINE_SCOPE, true)),
                        provider -> provider.supports(used(ONLINE_SCOPE, TokenUtil.TOKEN_TYPE_REFRESH)),
                        provider -> provider.supports(used(OFFLINE_SCOPE, TokenUtil.TOKEN_TYPE_OFFLINE)))
                .toList();
    }

    private InitialRefreshTokenContext issued(String scope, boolean isOffline) {
        ClientSessionContext context =
                DefaultClientSessionContext.fromClientSessionAndScopeParameter(clientSession, scope, session);
        context.setAttribute(Constants.GRANT_TYPE, OAuth2Constants.AUTHORIZATION_CODE);
        TokenManager.AccessTokenResponseBuilder builder = tokenManager
                .responseBuilder(realm, client, event, session, clientSession.getUserSession(), context)
                .accessToken(accessToken(scope));
        return new InitialRefreshTokenContext(context, builder, event, isOffline, null);
    }

    private RefreshTokenContext used(String scope, String type) {
        MultivaluedMap<String, String> parameters = new MultivaluedHashMap<>();
        parameters.putSingle(OAuth2Constants.GRANT_TYPE, OAuth2Constants.REFRESH_TOKEN);
        OAuth2GrantType.Context context = new OAuth2GrantType.Context(
                session,
                OIDCAdvancedConfigWrapper.fromClientModel(client),
                Map.of(),
                parameters,
                event,
                Cors.builder().auth(),
                tokenManager);
        return new RefreshTokenContext(
                refreshToken(scope, type), context, new RefreshTokenGrantType(), tokenManager, null, null);
    }

    private RefreshToken refreshToken(String scope, String type) {
        RefreshToken token = new RefreshToken(accessToken(scope), null, DefaultRefreshTokenProviderFactory.PROVIDER_ID);
        token.id(UUID.randomUUID().toString()).type(type).issuedNow();
        token.setScope(scope);
        return token;
    }

    private AccessToken accessToken(String scope) {
        AccessToken token = new AccessToken();
        token.id(UUID.randomUUID().toString())
                .type(TokenUtil.TOKEN_TYPE_BEARER)
                .issuedNow()
                .exp(Time.currentTimeSeconds() + realm.getAccessTokenLifespan())
                .issuedFor(client.getClientId())
                .subject(clientSession.getUserSession().getUser().getId());
        token.setSessionId(clientSession.getUserSession().getId());
        token.setScope(scope);
        return token;
    }
}
