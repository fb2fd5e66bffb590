// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.internals.SessionCaches;
import io.converttoken.keycloak.internals.SessionRows;
import io.converttoken.keycloak.internals.StoredSession;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.ClientModel;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Removes client sessions in small transactions of their own. Hibernate checks everything that a transaction has
 * touched again and again, so that the time of one large transaction would grow with the square of its sessions. What
 * is removed stays removed, so a caller that gets an error can call again.
 */
final class ClientSessions {

    /** The number of sessions in one transaction: by the model here, by rows below. */
    private static final int BATCH = 50;

    private static final int BATCH_OF_ROWS = 500;

    private final KeycloakSession session;
    private final UserModel user;
    private final Optional<ClientModel> client;
    private final boolean offline;
    private final List<StoredSession> userSessions;
    private final SessionRows rows;
    private final List<List<StoredSession>> ofRows;
    private final List<String> ofModel;
    private Set<String> leftOfFirst = Set.of();

    /**
     * Takes the client sessions of a client in these user sessions, and those that exchanged its tokens for their own.
     *
     * @param client the client whose sessions are removed; if empty, the sessions of all clients
     */
    ClientSessions(
            KeycloakSession session,
            UserModel user,
            Optional<ClientModel> client,
            List<StoredSession> userSessions,
            boolean offline) {
        this.session = session;
        this.user = user;
        this.client = client;
        this.offline = offline;
        this.userSessions = userSessions;
        this.rows = new SessionRows(session, client, offline);
        Map<Boolean, List<StoredSession>> byRows =
                userSessions.stream().collect(Collectors.partitioningBy(isRemovedByRows()));
        this.ofRows =
                batches(byRows.getOrDefault(true, List.of()), BATCH_OF_ROWS).toList();
        this.ofModel = byRows.getOrDefault(false, List.of()).stream()
                .map(StoredSession::id)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** The number of user sessions that are affected. */
    int size() {
        return userSessions.size();
    }

    /**
     * Removes the first batch of rows in the transaction of the given session. It may be called again after a rollback.
     */
    void removeFirst(KeycloakSession own) {
        if (!ofRows.isEmpty()) {
            leftOfFirst = rows.delete(own, ofRows.get(0));
        }
    }

    /**
     * Removes the other client sessions, and user sessions that are left empty, after the transaction of
     * {@link #removeFirst} has ended.
     *
     * @return the client sessions whose clients want to be told
     */
    List<EndedClientSession> removeRest() {
        if (userSessions.isEmpty()) {
            return List.of();
        }
        if (!ofRows.isEmpty()) {
            ofModel.addAll(rows.evict(ofRows.get(0), leftOfFirst));
            ofRows.stream().skip(1).forEach(batch -> ofModel.addAll(rows.remove(batch)));
        }
        List<EndedClientSession> ended = batches(ofModel, BATCH)
                .flatMap(batch -> removeByModel(batch).stream())
                .toList();
        if (SessionRows.areInUse(session)) {
            SessionCaches.of(session, offline).evictOnceMore(userSessions);
        }
        return ended;
    }

    /** Accepts sessions that end as a whole and whose clients do not want to be told. */
    private Predicate<StoredSession> isRemovedByRows() {
        if (!SessionRows.areInUse(session)) {
            return stored -> false;
        }
        Map<String, Boolean> told = new HashMap<>();
        return stored -> stored.clientIds().stream()
                .allMatch(id -> (client.isEmpty() || client.get().getId().equals(id))
                        && !told.computeIfAbsent(id, this::isTold));
    }

    private boolean isTold(String clientId) {
        ClientModel other = session.clients().getClientById(session.getContext().getRealm(), clientId);
        return other != null && EndedClientSession.isTold(other);
    }

    private List<EndedClientSession> removeByModel(List<String> batch) {
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                own -> new Batch(own).remove(batch),
                "convert-token session removal");
    }

    private static <T> Stream<List<T>> batches(List<T> all, int size) {
        return IntStream.iterate(0, from -> from < all.size(), from -> from + size)
                .mapToObj(from -> all.subList(from, Math.min(from + size, all.size())));
    }

    private final class Batch {

        private final KeycloakSession own;
        private final RealmModel realm;
        private final List<EndedClientSession> ended = new ArrayList<>();

        Batch(KeycloakSession own) {
            this.own = own;
            this.realm = own.getContext().getRealm();
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
                beginEpochs(userSession, doomed);
                doomed.forEach(AuthenticatedClientSessionModel::detachFromUserSession);
            } else if (offline) {
                own.sessions().removeOfflineUserSession(realm, userSession);
            } else {
                own.sessions().removeUserSession(realm, userSession);
            }
        }

        /**
         * The named client gets an epoch too, because its session may have been removed by its row before another
         * client joined.
         */
        private void beginEpochs(UserSessionModel userSession, List<AuthenticatedClientSessionModel> doomed) {
            Stream<ClientModel> clients = doomed.stream().map(AuthenticatedClientSessionModel::getClient);
            Stream.concat(clients, client.stream())
                    .map(ClientModel::getId)
                    .distinct()
                    .forEach(clientId -> ClientSessionEpoch.begin(userSession, clientId));
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
