// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.UserSessionModel;
import org.keycloak.models.UserSessionProvider;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.provider.ServerInfoAwareProviderFactory;
import org.keycloak.storage.StorageId;

/**
 * Removes sessions by their rows, with two statements for many sessions, and then from the caches. Keycloak's model
 * takes seven statements for every session, and before each of them Hibernate checks everything that the transaction
 * has touched.
 *
 * <p>This is for sessions that end as a whole and of which no client is told. The model removes all other sessions, and
 * all sessions of a Keycloak that stores them in another way than 26.7 does.
 */
public final class SessionRows {

    private static final String SESSION_PROVIDER =
            "org.keycloak.models.sessions.infinispan.PersistentUserSessionProvider";

    private static final String DELETE_PARTS =
            "delete from PersistentClientSessionEntity c where c.offline = :offline and c.userSessionId in :ids";

    /** The parts of one client, after {@link #nameClient} has named it. */
    static final String OF_CLIENT =
            " and c.clientId = :client and c.clientStorageProvider = :storage and c.externalClientId = :external";

    private static final String DELETE_EMPTY = "delete from PersistentUserSessionEntity s"
            + " where s.offline = :offline and s.userSessionId in :ids and not exists"
            + " (select 1 from PersistentClientSessionEntity c"
            + " where c.userSessionId = s.userSessionId and c.offline = s.offline)";
    private static final String LEFT = "select s.userSessionId from PersistentUserSessionEntity s"
            + " where s.offline = :offline and s.userSessionId in :ids";
    private static final String EXTERNAL = "external";
    private static final String LOCAL = "local";

    private final KeycloakSession session;
    private final Optional<ClientModel> client;
    private final boolean offline;

    /** @param client the client whose part of the sessions is removed; if empty, all parts */
    public SessionRows(KeycloakSession session, Optional<ClientModel> client, boolean offline) {
        this.session = session;
        this.client = client;
        this.offline = offline;
    }

    /** Returns whether this Keycloak stores sessions in the rows that this class knows. */
    public static boolean areInUse(KeycloakSession session) {
        return session.sessions().getClass().getName().equals(SESSION_PROVIDER);
    }

    /**
     * Returns whether Keycloak has caches in front of the session rows. It then loads only the part of a session that
     * belongs to the client of a refresh. Without caches it loads all parts at once.
     */
    public static boolean areCached(KeycloakSessionFactory factories) {
        return factories.getProviderFactory(UserSessionProvider.class) instanceof ServerInfoAwareProviderFactory factory
                && !"false".equals(factory.getOperationalInfo().get("useCaches"));
    }

    /** Removes sessions in a transaction of its own, and returns what {@link #evict} returns. */
    public Set<String> remove(List<StoredSession> batch) {
        Set<String> left = KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                own -> delete(own, batch),
                "convert-token session removal");
        return evict(batch, left);
    }

    /**
     * Deletes the rows in the transaction of the given session.
     *
     * @return the ids of the sessions that another client has joined meanwhile
     */
    public Set<String> delete(KeycloakSession own, List<StoredSession> batch) {
        EntityManager database = Database.of(own);
        List<String> ids = ids(batch);
        Query parts = database.createQuery(client.isPresent() ? DELETE_PARTS + OF_CLIENT : DELETE_PARTS);
        client.ifPresent(only -> nameClient(parts, only));
        of(parts, ids).executeUpdate();
        if (of(database.createQuery(DELETE_EMPTY), ids).executeUpdate() == ids.size()) {
            return Set.of();
        }
        return new HashSet<>(database.createQuery(LEFT, String.class)
                .setParameter("offline", flag())
                .setParameter("ids", ids)
                .getResultList());
    }

    /**
     * Takes sessions out of the caches, after the transaction that deleted their rows has ended.
     *
     * @param left the ids of the sessions that are still in the database
     * @return the ids of the sessions that are still there, or all ids if the caches fail or Keycloak still finds a
     *     session that should be gone
     */
    public Set<String> evict(List<StoredSession> batch, Set<String> left) {
        return switch (SessionCaches.of(session, offline).evict(batch)) {
            case FOUND -> left;
            case NOTHING_FOUND -> isAnyFound(batch, left) ? Set.copyOf(ids(batch)) : left;
            case FAILED -> Set.copyOf(ids(batch));
        };
    }

    private boolean isAnyFound(List<StoredSession> batch, Set<String> left) {
        return batch.stream()
                .map(StoredSession::id)
                .filter(id -> !left.contains(id))
                .findFirst()
                .filter(this::isFound)
                .isPresent();
    }

    private static List<String> ids(List<StoredSession> batch) {
        return batch.stream().map(StoredSession::id).toList();
    }

    private Query of(Query query, List<String> ids) {
        return query.setParameter("offline", flag()).setParameter("ids", ids);
    }

    private String flag() {
        return flag(offline);
    }

    static String flag(boolean offline) {
        return offline ? "1" : "0";
    }

    /**
     * Names the client as JpaUserSessionPersisterProvider (26.7.3) does, because a client may be in a client storage.
     */
    static void nameClient(Query parts, ClientModel client) {
        StorageId id = new StorageId(client.getId());
        parts.setParameter("client", id.isLocal() ? client.getId() : EXTERNAL)
                .setParameter("storage", id.isLocal() ? LOCAL : id.getProviderId())
                .setParameter("external", id.isLocal() ? LOCAL : id.getExternalId());
    }

    /** Returns whether Keycloak still finds a session of a batch of which no cache had any. */
    private boolean isFound(String id) {
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                own -> find(own, id, offline) != null,
                "convert-token session removal");
    }

    /** Returns the session as any request would find it. */
    static @Nullable UserSessionModel find(KeycloakSession own, String id, boolean offline) {
        return offline
                ? own.sessions().getOfflineUserSession(own.getContext().getRealm(), id)
                : own.sessions().getUserSession(own.getContext().getRealm(), id);
    }
}
