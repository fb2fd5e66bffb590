// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import jakarta.persistence.LockModeType;
import jakarta.persistence.Query;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.keycloak.crypto.JavaAlgorithm;
import org.keycloak.jose.jws.crypto.HashUtils;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;

/**
 * The stored generations, one row for each user and client, in Keycloak's table of what it remembers of the server itself
 * ({@code SERVER_CONFIG}, Keycloak 26.7.3). Keycloak reads that table by single keys only: no user storage, profile form,
 * export or API reads or writes these rows. Keycloak does not
 * delete them with the user, the client or the realm either: that is left to the methods below.
 */
public final class GenerationRows {

    /** What all keys begin with. */
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
     * The row of a user and a client. Its key is made of digests of the same length: a database that takes letters of
     * different case for equal cannot mix two rows up, and the rows of one realm or user stand next to each other.
     */
    public record Key(String realmId, String userId, String clientId) {

        private static final int BYTES = 16;
        private static final String FIRST = "0".repeat(2 * BYTES);
        private static final String LAST = "f".repeat(2 * BYTES);

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
            byte[] digest = HashUtils.hash(JavaAlgorithm.SHA256, id.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, BYTES);
        }
    }

    /**
     * A row.
     *
     * @param generation as text
     * @param version how often it was replaced
     */
    public record Stored(String generation, int version) {

        private static final String END = ";";

        private static Stored of(Object[] row) {
            String value = (String) row[0];
            return new Stored(value.substring(0, value.indexOf(END)), ((Number) row[1]).intValue());
        }

        /** The ids are for administrators, who cannot read the key. */
        private static String text(String generation, Key key) {
            return generation + END + "realm=" + key.realmId() + END + "client=" + key.clientId() + END + "user="
                    + key.userId();
        }
    }

    public static Optional<Stored> read(KeycloakSession session, Key key) {
        return find(session, key, LockModeType.NONE);
    }

    /**
     * Reads the row after all transactions that are changing it have ended, and lets no other one change it before this one
     * has ended. It has to come before every other read of the transaction, because under REPEATABLE READ the transaction
     * would otherwise see what was there before it waited.
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
     * The same, with the row of a session, and of a client's part of it where one is named. Keycloak finds them in the
     * persistence context then: one statement in place of those by which it loads them, as the request goes on or, where it has
     * them in a cache, when it stores what was used. Rows that others change or remove meanwhile make its locks fail, and it
     * stores the use in a transaction of its own, as it does without this ({@code
     * DefaultInfinispanTransactionProvider.prepareStep}, 26.7). Not to be called where Keycloak has yet to load a session into a
     * cache.
     *
     * @return nothing where the session is not in the database, which does not say that there is no generation
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
     * @return false where another transaction has replaced that one meanwhile
     * @throws jakarta.persistence.PersistenceException where another transaction has stored the first one meanwhile
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
