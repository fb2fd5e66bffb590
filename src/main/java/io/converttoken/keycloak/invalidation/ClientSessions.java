package io.converttoken.keycloak.invalidation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.ClientModel;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Removes client sessions, in small transactions of their own: Hibernate looks through everything that a transaction has
 * touched again and again, so that one large transaction takes the square of its sessions. What is removed stays removed;
 * whoever gets an error calls again.
 */
final class ClientSessions {

    private static final int BATCH = 50;

    private final KeycloakSession session;
    private final UserModel user;
    private final Optional<ClientModel> client;

    /** @param client whose sessions; none: every client's */
    ClientSessions(KeycloakSession session, UserModel user, Optional<ClientModel> client) {
        this.session = session;
        this.user = user;
        this.client = client;
    }

    /**
     * Removes the client's part of these user sessions, and of what was exchanged for its tokens; user sessions that are
     * left empty go too.
     *
     * @return what clients want to be told about
     */
    List<EndedClientSession> remove(List<String> userSessionIds, boolean offline) {
        List<EndedClientSession> ended = new ArrayList<>();
        for (int from = 0; from < userSessionIds.size(); from += BATCH) {
            List<String> batch = userSessionIds.subList(from, Math.min(from + BATCH, userSessionIds.size()));
            ended.addAll(KeycloakModelUtils.runJobInTransactionWithResult(
                    session.getKeycloakSessionFactory(),
                    session.getContext(),
                    own -> new Batch(own, offline).remove(batch),
                    "convert-token session removal"));
        }
        return ended;
    }

    private final class Batch {

        private final KeycloakSession own;
        private final RealmModel realm;
        private final boolean offline;
        private final List<EndedClientSession> ended = new ArrayList<>();

        Batch(KeycloakSession own, boolean offline) {
            this.own = own;
            this.realm = own.getContext().getRealm();
            this.offline = offline;
        }

        List<EndedClientSession> remove(List<String> ids) {
            ids.forEach(id -> userSession(id).ifPresent(this::remove));
            return ended;
        }

        private Optional<UserSessionModel> userSession(String id) {
            return Optional.ofNullable(
                    offline
                            ? own.sessions().getOfflineUserSession(realm, id)
                            : own.sessions().getUserSession(realm, id));
        }

        private void remove(UserSessionModel userSession) {
            Collection<AuthenticatedClientSessionModel> present =
                    userSession.getAuthenticatedClientSessions().values();
            List<AuthenticatedClientSessionModel> doomed =
                    present.stream().filter(this::isDoomed).toList();
            doomed.forEach(clientSession ->
                    EndedClientSession.of(own, user, clientSession).ifPresent(ended::add));
            if (doomed.size() < present.size()) {
                doomed.forEach(AuthenticatedClientSessionModel::detachFromUserSession);
            } else if (offline) {
                own.sessions().removeOfflineUserSession(realm, userSession);
            } else {
                own.sessions().removeUserSession(realm, userSession);
            }
        }

        private boolean isDoomed(AuthenticatedClientSessionModel clientSession) {
            return client.isEmpty()
                    || clientSession.getClient().getId().equals(client.get().getId())
                    || clientSession.getNote(Constants.TOKEN_EXCHANGE_SUBJECT_CLIENT
                                    + client.get().getClientId())
                            != null;
        }
    }
}
