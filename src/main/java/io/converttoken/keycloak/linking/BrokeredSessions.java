// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.linking;

import java.util.List;
import org.keycloak.events.Details;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.services.managers.UserSessionManager;

/** A user's sessions that came from an identity: those of conversions and of browser logins, online and offline. */
final class BrokeredSessions {

    private final KeycloakSession session;
    private final RealmModel realm;

    BrokeredSessions(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
    }

    /**
     * Ends all sessions that came from the identity. Clients of online sessions are told by back-channel logout, as
     * when the user signs out.
     */
    void end(UserModel user, String alias) {
        List<UserSessionModel> offline = session.sessions()
                .getOfflineUserSessionsStream(realm, user)
                .filter(userSession -> isFrom(userSession, alias))
                .toList();
        List<UserSessionModel> online = session.sessions()
                .getUserSessionsStream(realm, user)
                .filter(userSession -> isFrom(userSession, alias))
                .toList();
        UserSessionManager manager = new UserSessionManager(session);
        offline.forEach(manager::revokeOfflineUserSession);
        online.forEach(userSession -> AuthenticationManager.backchannelLogout(session, userSession, true));
    }

    private static boolean isFrom(UserSessionModel userSession, String alias) {
        return alias.equals(userSession.getNote(Details.IDENTITY_PROVIDER));
    }
}
