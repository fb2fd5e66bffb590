// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import java.util.Optional;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.services.managers.AuthenticationSessionManager;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * A sign-in to a client.
 *
 * @param client the client
 * @param scope the scope that the client asks for
 */
record SignIn(ClientModel client, Optional<String> scope) {

    /** Opens an authentication session for the sign-in. The caller must remove it. */
    AuthenticationSessionModel open(KeycloakSession session) {
        RealmModel realm = session.getContext().getRealm();
        AuthenticationSessionModel authSession = new AuthenticationSessionManager(session)
                .createAuthenticationSession(realm, false)
                .createAuthenticationSession(client);
        authSession.setProtocol(OIDCLoginProtocol.LOGIN_PROTOCOL);
        scope.ifPresent(value -> authSession.setClientNote(OIDCLoginProtocol.SCOPE_PARAM, value));
        return authSession;
    }
}
