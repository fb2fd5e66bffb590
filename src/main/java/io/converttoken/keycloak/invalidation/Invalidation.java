// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.internals.SessionsOfUser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.keycloak.common.util.Time;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.UserModel;
import org.keycloak.models.light.LightweightUserAdapter;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Ends the refresh tokens of a user in an application, or the sessions and everything with them. When a method returns,
 * the change is in force on every node, and a crash does not undo it.
 */
public final class Invalidation {

    private final KeycloakSession session;
    private final UserModel user;
    private final Optional<ClientModel> client;
    private final SessionChoice choice;

    /**
     * @param client the application, or empty for every application
     * @param choice the sessions that the invalidation is about
     */
    public Invalidation(KeycloakSession session, UserModel user, Optional<ClientModel> client, SessionChoice choice) {
        this.session = session;
        this.user = user;
        this.client = client;
        this.choice = choice;
    }

    /** The number of user sessions that are affected. */
    public record Count(int sessions, int offlineSessions) {

        /** Returns whether no user session was affected. */
        public boolean isEmpty() {
            return sessions + offlineSessions == 0;
        }
    }

    /** Counts the user sessions that are affected now. */
    public Count count() {
        SessionsOfUser sessions = sessionsNow();
        return new Count(
                sessions.of(client, choice::includes, false).size(),
                sessions.of(client, choice::includes, true).size());
    }

    /** Logs, when the server has started, whether another extension would make invalidations ineffective. */
    public static void checkAtStart(KeycloakSessionFactory factory) {
        ForeignProviders.reportAtStart(factory);
    }

    /**
     * Ends refresh tokens. Access tokens, sessions, and the tokens of other users stay as they are.
     *
     * @throws OverruledException when another extension decides about refresh tokens; nothing has been done then
     */
    public void invalidateRefreshTokens() {
        List<ClientModel> clients = client.map(List::of).orElseGet(() -> clientsOf(SessionsOfUser.load(session, user)));
        new ForeignProviders(session).refuseToBeOverruled(user, clients);
        new Generations(session).draw(user, clients, choice, own -> {});
    }

    /**
     * Ends sessions and all their tokens, and tells the clients that are set up to be told. All refresh tokens end
     * together with the first sessions, because a session that the person opens again in the same second would
     * otherwise accept them.
     *
     * @throws OverruledException when another extension decides about refresh tokens; nothing has been done then
     */
    public Count invalidateSessions() {
        SessionsOfUser sessions = SessionsOfUser.load(session, user);
        ClientSessions online = clientSessions(sessions, false);
        ClientSessions offline = clientSessions(sessions, true);
        List<ClientModel> clients = client.map(List::of).orElseGet(() -> clientsOf(sessions));
        new ForeignProviders(session).refuseToBeOverruled(user, clients);
        new Generations(session).draw(user, clients, choice, own -> {
            online.removeFirst(own);
            offline.removeFirst(own);
            invalidateTokensWithoutSession(own);
        });
        List<EndedClientSession> ended = new ArrayList<>(online.removeRest());
        ended.addAll(offline.removeRest());
        new BackChannelLogout(session).tell(ended);
        return new Count(online.size(), offline.size());
    }

    /**
     * Reads in a transaction of its own, because under REPEATABLE READ the caller's transaction would not find a session
     * that began after its first look, and a caller that tries again could never end that session.
     */
    private SessionsOfUser sessionsNow() {
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                own -> SessionsOfUser.load(own, user),
                "convert-token sessions");
    }

    private ClientSessions clientSessions(SessionsOfUser sessions, boolean offline) {
        return new ClientSessions(session, user, client, sessions.of(client, choice::includes, offline), offline);
    }

    /**
     * By the time before which no token of the user is valid, as core's {@code UserResource#logout} (26.7.3) does it. That is
     * for all clients and all sessions: where one client is named it is right for a service account alone, which has no other
     * client, and where not all sessions are meant it is never right.
     */
    private void invalidateTokensWithoutSession(KeycloakSession own) {
        boolean isAboutAllTokens = client.isEmpty() || client.get().getId().equals(user.getServiceAccountClientLink());
        if (isAboutAllTokens && choice.isAll() && !LightweightUserAdapter.isLightweightUser(user)) {
            own.users().setNotBeforeForUser(own.getContext().getRealm(), user, Time.currentTime());
        }
    }

    private List<ClientModel> clientsOf(SessionsOfUser sessions) {
        return sessions.clientIds(choice::includes).stream()
                .flatMap(id ->
                        Optional.ofNullable(session.clients()
                                        .getClientById(session.getContext().getRealm(), id))
                                .stream())
                .toList();
    }
}
