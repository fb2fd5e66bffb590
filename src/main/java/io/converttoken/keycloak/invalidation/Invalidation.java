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

/**
 * Ends what a user has in an application: the refresh tokens alone, or the sessions and everything with them. When a method
 * returns it is in force on every node, and stays so after a crash.
 */
public final class Invalidation {

    private final KeycloakSession session;
    private final UserModel user;
    private final Optional<ClientModel> client;
    private final String sparedSession;

    /**
     * @param client the application; none: every one
     * @param sparedSession id of a user session that is left alone, where there is one
     */
    public Invalidation(
            KeycloakSession session, UserModel user, Optional<ClientModel> client, Optional<String> sparedSession) {
        this.session = session;
        this.user = user;
        this.client = client;
        this.sparedSession = sparedSession.orElse("");
    }

    /** How many user sessions were concerned. */
    public record Count(int sessions, int offlineSessions) {}

    /** How many there are now. */
    public Count count() {
        SessionsOfUser sessions = SessionsOfUser.load(session, user);
        return new Count(
                sessions.of(client, sparedSession, false).size(),
                sessions.of(client, sparedSession, true).size());
    }

    /** Says in the log of a server that starts whether another extension would make invalidations hollow. */
    public static void checkAtStart(KeycloakSessionFactory factory) {
        ForeignProviders.reportAtStart(factory);
    }

    /**
     * Access tokens, sessions, and everybody else's tokens stay as they are.
     *
     * @throws OverruledException before anything is done
     */
    public void invalidateRefreshTokens() {
        List<ClientModel> clients = client.map(List::of).orElseGet(() -> clientsOf(SessionsOfUser.load(session, user)));
        new ForeignProviders(session).refuseToBeOverruled(user, clients);
        new Generations(session).draw(user, clients, sparedSession, own -> {});
    }

    /**
     * The tokens of these sessions are invalid then, and the client is told where it is set up so. Refresh tokens die
     * together with the first sessions, none later: a session that the person opens again in the same second would take
     * them for its own.
     *
     * @throws OverruledException before anything is done
     */
    public Count invalidateSessions() {
        SessionsOfUser sessions = SessionsOfUser.load(session, user);
        ClientSessions online = clientSessions(sessions, false);
        ClientSessions offline = clientSessions(sessions, true);
        List<ClientModel> clients = client.map(List::of).orElseGet(() -> clientsOf(sessions));
        new ForeignProviders(session).refuseToBeOverruled(user, clients);
        new Generations(session).draw(user, clients, sparedSession, own -> {
            online.removeFirst(own);
            offline.removeFirst(own);
            invalidateTokensWithoutSession(own);
        });
        List<EndedClientSession> ended = new ArrayList<>(online.removeRest());
        ended.addAll(offline.removeRest());
        new BackChannelLogout(session).tell(ended);
        return new Count(online.size(), offline.size());
    }

    private ClientSessions clientSessions(SessionsOfUser sessions, boolean offline) {
        return new ClientSessions(session, user, client, sessions.of(client, sparedSession, offline), offline);
    }

    /**
     * By the time before which no token of the user is valid, as core's {@code UserResource#logout} (26.7.3) does it. That is
     * for all clients and all sessions: where one client is named it is right for a service account alone, which has no other
     * client, and where a session is spared it is never right.
     */
    private void invalidateTokensWithoutSession(KeycloakSession own) {
        boolean isAboutAllTokens = client.isEmpty() || client.get().getId().equals(user.getServiceAccountClientLink());
        if (isAboutAllTokens && sparedSession.isEmpty() && !LightweightUserAdapter.isLightweightUser(user)) {
            own.users().setNotBeforeForUser(own.getContext().getRealm(), user, Time.currentTime());
        }
    }

    private List<ClientModel> clientsOf(SessionsOfUser sessions) {
        return sessions.clientIds().stream()
                .flatMap(id ->
                        Optional.ofNullable(session.clients()
                                        .getClientById(session.getContext().getRealm(), id))
                                .stream())
                .toList();
    }
}
