// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import io.converttoken.keycloak.brokering.BrokeredUser;
import io.converttoken.keycloak.verification.VerifiedIdentity;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.keycloak.authentication.AuthenticationProcessor;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.common.util.Time;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ClientSessionContext;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.services.Urls;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.services.managers.AuthenticationSessionManager;
import org.keycloak.services.managers.UserSessionManager;
import org.keycloak.sessions.AuthenticationSessionModel;

/** Opens the session of a conversion, which is like the session of a browser login through the identity provider. */
final class SessionOpener {

    private final KeycloakSession session;
    private final RealmModel realm;
    private final ClientModel client;
    private final EventBuilder event;
    private final Map<String, String> clientAuthNotes;

    /**
     * @param event the event to which the user and the session are added
     * @param clientAuthNotes the notes that the authentication of the client leaves in the session
     */
    SessionOpener(KeycloakSession session, EventBuilder event, Map<String, String> clientAuthNotes) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.client = session.getContext().getClient();
        this.event = event;
        this.clientAuthNotes = clientAuthNotes;
    }

    /**
     * Opens a session for a user who may sign in.
     *
     * @param scope the scope that the client asks for
     * @param restrictedScopes the scopes that client policies leave, if they restrict the scope
     */
    ClientSessionContext open(
            BrokeredUser user,
            VerifiedIdentity identity,
            Optional<String> scope,
            Optional<Set<String>> restrictedScopes) {
        AuthenticationSessionModel authSession = authenticationSession(user, scope);
        UserSessionModel userSession = userSession(user, identity, authSession);
        // without this, Keycloak would ask the database whether there is a client session
        session.sessions().createClientSession(realm, client, userSession);
        ClientSessionContext clientSession = TokenManager.attachAuthenticationSession(
                session, userSession, authSession, restrictedScopes.orElse(null), false);
        if (clientSession.isOfflineTokenRequested()) {
            // the online session is only a step on the way to the offline one, see OAuth2GrantTypeBase
            clientSession.getClientSession().setNote(AuthenticationProcessor.FIRST_OFFLINE_ACCESS, "true");
        }
        return clientSession;
    }

    private UserSessionModel userSession(
            BrokeredUser user, VerifiedIdentity identity, AuthenticationSessionModel authSession) {
        BrokeredIdentityContext broker = identity.context();
        UserSessionModel userSession = new UserSessionManager(session)
                .createUserSession(
                        authSession.getParentSession().getId(),
                        realm,
                        user.user(),
                        user.user().getUsername(),
                        session.getContext().getConnection().getRemoteHost(),
                        OIDCLoginProtocol.LOGIN_PROTOCOL,
                        false,
                        broker.getBrokerSessionId(),
                        broker.getBrokerUserId(),
                        UserSessionModel.SessionPersistenceState.PERSISTENT);
        userSession.setState(UserSessionModel.State.LOGGED_IN);
        userSession.setNote(Details.IDENTITY_PROVIDER, identity.backend().alias());
        userSession.setNote(Details.IDENTITY_PROVIDER_USERNAME, identity.username());
        user.sessionNotes().forEach(userSession::setNote);
        broker.addSessionNotesToUserSession(userSession);
        clientAuthNotes.forEach(userSession::setNote);
        // the user signs in now, whatever the notes of mappers say
        userSession.setNote(AuthenticationManager.AUTH_TIME, Integer.toString(Time.currentTime()));
        session.getContext().setUserSession(userSession);
        event.user(user.user())
                .detail(Details.USERNAME, user.user().getUsername())
                .session(userSession);
        return userSession;
    }

    private AuthenticationSessionModel authenticationSession(BrokeredUser user, Optional<String> scope) {
        AuthenticationSessionModel authSession = new AuthenticationSessionManager(session)
                .createAuthenticationSession(realm, false)
                .createAuthenticationSession(client);
        authSession.setAuthenticatedUser(user.user());
        authSession.setProtocol(OIDCLoginProtocol.LOGIN_PROTOCOL);
        authSession.setClientNote(
                OIDCLoginProtocol.ISSUER,
                Urls.realmIssuer(session.getContext().getUri().getBaseUri(), realm.getName()));
        scope.ifPresent(value -> authSession.setClientNote(OIDCLoginProtocol.SCOPE_PARAM, value));
        return authSession;
    }
}
