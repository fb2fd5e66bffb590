package io.converttoken.keycloak.brokering;

import java.util.Optional;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.services.managers.AuthenticationSessionManager;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * What the user wants to sign in to, by values that outlive a session.
 *
 * @param clientUuid the client's internal id
 * @param scope the scope that the client asks for
 */
record SignIn(String clientUuid, Optional<String> scope) {

    /** A fresh authentication session for it; the caller removes it. */
    AuthenticationSessionModel open(KeycloakSession session) {
        RealmModel realm = session.getContext().getRealm();
        ClientModel client = realm.getClientById(clientUuid);
        AuthenticationSessionModel authSession = new AuthenticationSessionManager(session)
                .createAuthenticationSession(realm, false)
                .createAuthenticationSession(client);
        authSession.setProtocol(OIDCLoginProtocol.LOGIN_PROTOCOL);
        scope.ifPresent(value -> authSession.setClientNote(OIDCLoginProtocol.SCOPE_PARAM, value));
        return authSession;
    }
}
