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
 * A client session of which its client wants to hear (OpenID Connect Back-Channel Logout 1.0), by values that outlive it.
 *
 * @param userSessionId of which it was a part
 * @param clientId internal id of the client
 * @param url where to send the logout token
 * @param token not yet signed
 */
record EndedClientSession(String userSessionId, String clientId, String url, LogoutToken token) {

    /** Nothing, where the client is not set up to be told. */
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

    /** Whether the client is set up to be told of its sessions. */
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
