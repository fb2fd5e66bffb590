// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import java.util.Optional;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.protocol.oidc.OIDCAdvancedConfigWrapper;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.representations.LogoutToken;
import org.keycloak.services.managers.ResourceAdminManager;

/**
 * A client session whose client wants to be told of its end (OpenID Connect Back-Channel Logout 1.0). It holds only
 * values that outlive the session.
 *
 * @param userSessionId the id of its user session
 * @param clientId the internal id of the client
 * @param url the URL to which the logout token is sent
 * @param token the logout token, not yet signed
 */
record EndedClientSession(String userSessionId, String clientId, String url, LogoutToken token) {

    /** Returns nothing if the client is not set up to be told, or if the session is not one of OpenID Connect. */
    static Optional<EndedClientSession> of(
            KeycloakSession session, UserModel user, AuthenticatedClientSessionModel clientSession) {
        ClientModel client = clientSession.getClient();
        if (!isTold(client) || !OIDCLoginProtocol.LOGIN_PROTOCOL.equals(clientSession.getProtocol())) {
            return Optional.empty();
        }
        return Optional.of(new EndedClientSession(
                clientSession.getUserSession().getId(),
                client.getId(),
                ResourceAdminManager.resolveUri(session, client.getRootUrl(), url(client)),
                session.tokens().initLogoutToken(client, user, clientSession)));
    }

    /** Returns whether the client is set up to be told when its sessions end. */
    static boolean isTold(ClientModel client) {
        return client.isEnabled()
                && !client.isFrontchannelLogout()
                && !url(client).isBlank();
    }

    private static String url(ClientModel client) {
        String url = OIDCAdvancedConfigWrapper.fromClientModel(client).getBackchannelLogoutUrl();
        return url == null ? "" : url;
    }
}
