package io.converttoken.keycloak.invalidation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.keycloak.common.Profile;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.storage.StorageId;

/** Which sessions a user has, and for which clients, by one query and without loading them. */
final class SessionsOfUser {

    private static final String STORED =
            "select s.userSessionId, c.clientId, c.clientStorageProvider, c.externalClientId"
                    + " from PersistentUserSessionEntity s left join PersistentClientSessionEntity c"
                    + " on c.userSessionId = s.userSessionId and c.offline = s.offline"
                    + " where s.userId = :user and s.realmId = :realm and s.offline = :offline";
    private static final String EXTERNAL = "external";

    private final KeycloakSession session;
    private final RealmModel realm;
    private final UserModel user;

    SessionsOfUser(KeycloakSession session, UserModel user) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.user = user;
    }

    /** The sessions of the client, or all sessions, but for the spared one. */
    List<StoredSession> of(Optional<ClientModel> client, String sparedSession, boolean offline) {
        return clientsBySession(offline).entrySet().stream()
                .map(entry -> new StoredSession(entry.getKey(), entry.getValue()))
                .filter(stored -> !stored.id().equals(sparedSession))
                .filter(stored -> client.isEmpty() || stored.isOf(client.get().getId()))
                .toList();
    }

    /** The clients that the user has sessions of, online or offline. */
    Stream<ClientModel> clients() {
        return Stream.of(false, true)
                .flatMap(offline -> clientsBySession(offline).values().stream())
                .flatMap(Set::stream)
                .distinct()
                .flatMap(id -> Optional.ofNullable(session.clients().getClientById(realm, id)).stream());
    }

    /** Online sessions are in the database unless the feature is switched off; offline ones always are. */
    private Map<String, Set<String>> clientsBySession(boolean offline) {
        if (offline || Profile.isFeatureEnabled(Profile.Feature.PERSISTENT_USER_SESSIONS)) {
            return stored(offline);
        }
        Map<String, Set<String>> clients = new HashMap<>();
        session.sessions()
                .getUserSessionsStream(realm, user)
                .forEach((UserSessionModel userSession) -> clients.put(
                        userSession.getId(),
                        userSession.getAuthenticatedClientSessions().keySet()));
        return clients;
    }

    private Map<String, Set<String>> stored(boolean offline) {
        Map<String, Set<String>> clients = new HashMap<>();
        List<Object[]> rows = Database.of(session)
                .createQuery(STORED, Object[].class)
                .setParameter("user", user.getId())
                .setParameter("realm", realm.getId())
                .setParameter("offline", offline ? "1" : "0")
                .getResultList();
        for (Object[] row : rows) {
            Set<String> ofSession = clients.computeIfAbsent((String) row[0], id -> new HashSet<>());
            if (row[1] != null) {
                ofSession.add(clientId((String) row[1], (String) row[2], (String) row[3]));
            }
        }
        return clients;
    }

    /** Of a client that a client storage provider holds, the parts of the id are stored. */
    private static String clientId(String id, String storageProvider, String externalId) {
        return id.equals(EXTERNAL) ? new StorageId(storageProvider, externalId).getId() : id;
    }
}
