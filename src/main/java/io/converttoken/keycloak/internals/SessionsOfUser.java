// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import jakarta.persistence.TypedQuery;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.storage.StorageId;

/** The sessions of a user and their clients, read by one query and without loading the sessions. */
public final class SessionsOfUser {

    private static final String STORED =
            "select s.userSessionId, s.offline, c.clientId, c.clientStorageProvider, c.externalClientId"
                    + " from PersistentUserSessionEntity s left join PersistentClientSessionEntity c"
                    + " on c.userSessionId = s.userSessionId and c.offline = s.offline"
                    + " where s.userId = :user and s.realmId = :realm";
    private static final String RECENT = "select s.userSessionId from PersistentUserSessionEntity s"
            + " where s.userId = :user and s.realmId = :realm and s.offline = :offline";
    private static final String OF_CLIENT = " and exists (select 1 from PersistentClientSessionEntity c"
            + " where c.userSessionId = s.userSessionId and c.offline = s.offline" + SessionRows.OF_CLIENT + ")";
    private static final String NEWEST_FIRST = " order by s.lastSessionRefresh desc, s.userSessionId";
    private static final String OFFLINE = "1";
    private static final String EXTERNAL = "external";

    private final Map<String, StoredSession> online = new LinkedHashMap<>();
    private final Map<String, StoredSession> offline = new LinkedHashMap<>();

    private SessionsOfUser() {}

    /**
     * Reads the sessions in the database. If the session provider is not the one that is known here, it is asked as
     * well, because it may keep sessions elsewhere.
     */
    public static SessionsOfUser load(KeycloakSession session, UserModel user) {
        RealmModel realm = session.getContext().getRealm();
        SessionsOfUser sessions = new SessionsOfUser();
        Database.of(session)
                .createQuery(STORED, Object[].class)
                .setParameter("user", user.getId())
                .setParameter("realm", realm.getId())
                .getResultList()
                .forEach(sessions::add);
        if (!SessionRows.areInUse(session)) {
            session.sessions().getUserSessionsStream(realm, user).forEach(each -> add(sessions.online, each));
            session.sessions().getOfflineUserSessionsStream(realm, user).forEach(each -> add(sessions.offline, each));
        }
        return sessions;
    }

    /**
     * Returns the sessions that were used last. Keycloak loads each of them.
     *
     * @param client the client that has a part of each session, or empty for any client
     * @param max how many sessions are returned at the most
     */
    public static List<UserSessionModel> recent(
            KeycloakSession session, UserModel user, Optional<ClientModel> client, boolean areOffline, int max) {
        return SessionRows.areInUse(session)
                ? recentByRows(session, user, client, areOffline, max)
                : recentByModel(session, user, client, areOffline, max);
    }

    private static List<UserSessionModel> recentByRows(
            KeycloakSession session, UserModel user, Optional<ClientModel> client, boolean areOffline, int max) {
        RealmModel realm = session.getContext().getRealm();
        TypedQuery<String> ids = Database.of(session)
                .createQuery(RECENT + (client.isPresent() ? OF_CLIENT : "") + NEWEST_FIRST, String.class)
                .setParameter("user", user.getId())
                .setParameter("realm", realm.getId())
                .setParameter("offline", SessionRows.flag(areOffline))
                .setMaxResults(max);
        client.ifPresent(only -> SessionRows.nameClient(ids, only));
        return ids.getResultList().stream()
                .map(id -> SessionRows.find(session, id, areOffline))
                .filter(Objects::nonNull)
                .toList();
    }

    private static List<UserSessionModel> recentByModel(
            KeycloakSession session, UserModel user, Optional<ClientModel> client, boolean areOffline, int max) {
        RealmModel realm = session.getContext().getRealm();
        Stream<UserSessionModel> all = areOffline
                ? session.sessions().getOfflineUserSessionsStream(realm, user)
                : session.sessions().getUserSessionsStream(realm, user);
        return all.filter(each -> client.isEmpty()
                        || each.getAuthenticatedClientSessions()
                                .containsKey(client.get().getId()))
                .sorted(Comparator.comparing(UserSessionModel::getLastSessionRefresh)
                        .reversed())
                .limit(max)
                .toList();
    }

    /** Returns the chosen sessions of the client, or of all clients if there is no client. The choice is made by the id. */
    public List<StoredSession> of(Optional<ClientModel> client, Predicate<String> choice, boolean areOffline) {
        return (areOffline ? offline : online)
                .values().stream()
                        .filter(stored -> choice.test(stored.id()))
                        .filter(stored ->
                                client.isEmpty() || stored.isOf(client.get().getId()))
                        .toList();
    }

    /** Returns the internal ids of the clients of the chosen sessions, online or offline. The choice is made by the id. */
    public Set<String> clientIds(Predicate<String> choice) {
        return Stream.concat(online.values().stream(), offline.values().stream())
                .filter(stored -> choice.test(stored.id()))
                .flatMap(stored -> stored.clientIds().stream())
                .collect(Collectors.toSet());
    }

    private void add(Object[] row) {
        Map<String, StoredSession> sessions = row[1].equals(OFFLINE) ? offline : online;
        StoredSession stored = sessions.computeIfAbsent((String) row[0], id -> new StoredSession(id, new HashSet<>()));
        if (row[2] != null) {
            stored.clientIds().add(clientId((String) row[2], (String) row[3], (String) row[4]));
        }
    }

    private static void add(Map<String, StoredSession> sessions, UserSessionModel userSession) {
        sessions.put(
                userSession.getId(),
                new StoredSession(
                        userSession.getId(),
                        userSession.getAuthenticatedClientSessions().keySet()));
    }

    /** For a client of a client storage provider, the row holds the parts of the id. */
    private static String clientId(String id, String storageProvider, String externalId) {
        return id.equals(EXTERNAL) ? new StorageId(storageProvider, externalId).getId() : id;
    }
}
