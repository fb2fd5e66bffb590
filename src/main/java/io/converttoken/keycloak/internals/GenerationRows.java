// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import jakarta.persistence.LockModeType;
import jakarta.persistence.Query;
import java.util.List;
import java.util.Optional;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;

/**
 * The stored generations, one row for each user and client, in the table in which Keycloak stores data of the server
 * itself ({@code SERVER_CONFIG}, Keycloak 26.7.3). Keycloak reads that table by single keys only, so that no user
 * storage, profile form, export or API reads or writes these rows. Keycloak does not delete the rows with the user, the
 * client or the realm. The methods below do.
 */
public final class GenerationRows {

    /** The prefix of all keys. */
    static final String PREFIX = "convert-token.rtg.";

    private static final String READ = "select c.value, c.version from ServerConfigEntity c where c.key = :key";
    private static final String OF_SESSION = " left join ServerConfigEntity c on c.key = :key"
            + " where s.userSessionId = :session and s.offline = :offline";
    private static final String READ_WITH_SESSION =
            "select c.value, c.version, s from PersistentUserSessionEntity s" + OF_SESSION;
    private static final String READ_WITH_CLIENT_SESSION =
            "select c.value, c.version, s, p from PersistentUserSessionEntity s"
                    + " left join PersistentClientSessionEntity p on p.userSessionId = s.userSessionId"
                    + " and p.offline = s.offline and p.clientId = :client and p.clientStorageProvider = :storage"
                    + " and p.externalClientId = :external"
                    + OF_SESSION;
    private static final String REPLACE = "update ServerConfigEntity c set c.value = :value, c.version = c.version + 1"
            + " where c.key = :key and c.version = :version";
    private static final String INSERT =
            "insert into ServerConfigEntity (key, value, version) values (:key, :value, 0)";
    private static final String DELETE = "delete from ServerConfigEntity c where c.key between :first and :last";
    private static final String DELETE_OF_CLIENT = DELETE + " and c.key like :client";

    private GenerationRows() {}

    /**
     * The row of a user and a client. The key consists of digests of the same length. A database that treats upper and
     * lower case as equal therefore cannot mix two rows up, and the rows of one realm or user stand next to each other.
     */
    public record Key(String realmId, String userId, String clientId) {

        private static final int DIGITS = 32;
        private static final String FIRST = "0".repeat(DIGITS);
        private static final String LAST = "f".repeat(DIGITS);

        /** The key of the row. */
        public String text() {
            return ofUser(realmId, userId) + digest(clientId);
        }

        private static String ofRealm(String realmId) {
            return PREFIX + digest(realmId);
        }

        private static String ofUser(String realmId, String userId) {
            return ofRealm(realmId) + digest(userId);
        }

        private static String digest(String id) {
            return ServerRows.digest(id);
        }
    }

    /**
     * A row.
     *
     * @param generation the generation as text
     * @param version the number of times that the row was replaced
     */
    public record Stored(String generation, int version) {

        private static final String END = ";";

        private static Stored of(Object[] row) {
            String value = (String) row[0];
            return new Stored(value.substring(0, value.indexOf(END)), ((Number) row[1]).intValue());
        }

        /** Adds the ids for administrators, who cannot read the key. */
        private static String text(String generation, Key key) {
            return generation + END + "realm=" + key.realmId() + END + "client=" + key.clientId() + END + "user="
                    + key.userId();
        }
    }

    public static Optional<Stored> read(KeycloakSession session, Key key) {
        return find(session, key, LockModeType.NONE);
    }

    /**
     * Reads the row after all transactions that are changing it have ended. No other transaction can change the row
     * until this transaction has ended. This must be the first read of the transaction, because under REPEATABLE READ
     * the transaction would otherwise see the row as it was before the wait.
     */
    public static Optional<Stored> lock(KeycloakSession own, Key key) {
        return find(own, key, LockModeType.PESSIMISTIC_WRITE);
    }

    private static Optional<Stored> find(KeycloakSession session, Key key, LockModeType lock) {
        List<Object[]> rows = Database.of(session)
                .createQuery(READ, Object[].class)
                .setLockMode(lock)
                .setParameter("key", key.text())
                .getResultList();
        return rows.stream().findFirst().map(Stored::of);
    }

    /**
     * Reads the generation together with the row of a session and, if a client is named, the row of the client's part
     * of it. Keycloak then finds these rows in the persistence context, and this statement replaces those by which
     * Keycloak would load them: as the request goes on or, if Keycloak has them in a cache, when it stores that the
     * session was used. If another transaction changes or removes the rows meanwhile, Keycloak's locks fail, and
     * Keycloak stores the use in a transaction of its own, as it does without this method
     * ({@code DefaultInfinispanTransactionProvider.prepareStep}, 26.7). If Keycloak caches sessions, call this only
     * after Keycloak has loaded the session.
     *
     * @return nothing if the session is not in the database; a generation may be there all the same
     */
    public static Optional<Optional<Stored>> readWithSession(
            KeycloakSession session, Key key, String sessionId, boolean offline, Optional<ClientModel> client) {
        Query query = Database.of(session)
                .createQuery(client.isPresent() ? READ_WITH_CLIENT_SESSION : READ_WITH_SESSION)
                .setParameter("key", key.text())
                .setParameter("session", sessionId)
                .setParameter("offline", SessionRows.flag(offline));
        client.ifPresent(named -> SessionRows.nameClient(query, named));
        List<?> rows = query.getResultList();
        return rows.stream()
                .findFirst()
                .map(row -> Optional.of((Object[]) row)
                        .filter(columns -> columns[0] != null)
                        .map(Stored::of));
    }

    /**
     * Stores a generation in place of the one that was read.
     *
     * @param next the generation as text
     * @return false if another transaction has replaced the former generation meanwhile
     * @throws jakarta.persistence.PersistenceException when there was none and another transaction has stored one
     *     meanwhile
     */
    public static boolean replace(KeycloakSession own, Key key, Optional<Stored> former, String next) {
        if (former.isEmpty()) {
            insert(own, key, next);
            return true;
        }
        return Database.of(own)
                        .createQuery(REPLACE)
                        .setParameter("key", key.text())
                        .setParameter("version", former.get().version())
                        .setParameter("value", Stored.text(next, key))
                        .executeUpdate()
                == 1;
    }

    private static void insert(KeycloakSession own, Key key, String generation) {
        Database.of(own)
                .createQuery(INSERT)
                .setParameter("key", key.text())
                .setParameter("value", Stored.text(generation, key))
                .executeUpdate();
    }

    public static void deleteOfRealm(KeycloakSession session, String realmId) {
        String realm = Key.ofRealm(realmId);
        Database.of(session)
                .createQuery(DELETE)
                .setParameter("first", realm + Key.FIRST + Key.FIRST)
                .setParameter("last", realm + Key.LAST + Key.LAST)
                .executeUpdate();
    }

    public static void deleteOfUser(KeycloakSession session, String realmId, String userId) {
        String user = Key.ofUser(realmId, userId);
        Database.of(session)
                .createQuery(DELETE)
                .setParameter("first", user + Key.FIRST)
                .setParameter("last", user + Key.LAST)
                .executeUpdate();
    }

    public static void deleteOfClient(KeycloakSession session, String realmId, String clientId) {
        String realm = Key.ofRealm(realmId);
        Database.of(session)
                .createQuery(DELETE_OF_CLIENT)
                .setParameter("first", realm + Key.FIRST + Key.FIRST)
                .setParameter("last", realm + Key.LAST + Key.LAST)
                .setParameter("client", "%" + Key.digest(clientId))
                .executeUpdate();
    }
}
