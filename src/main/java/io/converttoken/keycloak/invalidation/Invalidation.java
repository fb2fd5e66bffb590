package io.converttoken.keycloak.invalidation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;

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

    /** Access tokens, sessions, and everybody else's tokens stay as they are. */
    public Count invalidateRefreshTokens() {
        SessionsOfUser sessions = new SessionsOfUser(session, user);
        Count count = new Count(
                sessions.of(client, sparedSession, false).size(),
                sessions.of(client, sparedSession, true).size());
        drawGenerations(sessions);
        return count;
    }

    /**
     * The tokens of these sessions are invalid then, and the client is told where it is set up so. Refresh tokens die first:
     * a session that the person opens again in the same second would take them for its own.
     */
    public Count invalidateSessions() {
        SessionsOfUser sessions = new SessionsOfUser(session, user);
        List<StoredSession> online = sessions.of(client, sparedSession, false);
        List<StoredSession> offline = sessions.of(client, sparedSession, true);
        drawGenerations(sessions);
        List<EndedClientSession> ended = new ArrayList<>(remove(online, false));
        ended.addAll(remove(offline, true));
        new BackChannelLogout(session).tell(ended);
        return new Count(online.size(), offline.size());
    }

    private List<EndedClientSession> remove(List<StoredSession> userSessions, boolean offline) {
        return new ClientSessions(session, user, client, offline).remove(userSessions);
    }

    private void drawGenerations(SessionsOfUser sessions) {
        Generations generations = new Generations(session);
        client.map(List::of)
                .orElseGet(() -> sessions.clients().toList())
                .forEach(each -> generations.draw(user, each, sparedSession));
    }
}
