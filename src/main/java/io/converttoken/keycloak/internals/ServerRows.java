// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.keycloak.crypto.JavaAlgorithm;
import org.keycloak.jose.jws.crypto.HashUtils;
import org.keycloak.models.KeycloakSession;

/**
 * Rows of ours in the table in which Keycloak stores data of the server itself ({@code SERVER_CONFIG}, Keycloak
 * 26.7.3). Keycloak reads that table by single keys only, so that rows which stay behind when the extension is removed
 * do no harm.
 */
public final class ServerRows {

    private static final String PREFIX = "convert-token.";
    private static final String READ = "select c.value from ServerConfigEntity c where c.key = :key";
    private static final String REPLACE =
            "update ServerConfigEntity c set c.value = :value, c.version = c.version + 1 where c.key = :key";
    private static final String INSERT =
            "insert into ServerConfigEntity (key, value, version) values (:key, :value, 0)";
    private static final String DELETE = "delete from ServerConfigEntity c where c.key between :first and :last";

    private static final String PAGE = "select c.key, c.value, c.version from ServerConfigEntity c"
            + " where c.key >= :first and c.key < :last order by c.key";
    private static final String DELETE_ONE = "delete from ServerConfigEntity c where c.key = :key";
    private static final String DELETE_CONTAINING =
            "delete from ServerConfigEntity c where c.key between :first and :last and c.key like :part";
    private static final String REPLACE_VERSION = "update ServerConfigEntity c set c.value = :value,"
            + " c.version = c.version + 1 where c.key = :key and c.version = :version";

    private static final int BYTES = 16;

    /**
     * Comes after every digit and every character of a digest, also where the database compares as people do, who would
     * sort punctuation first or not at all.
     */
    private static final String LAST = "z";

    private ServerRows() {}

    /**
     * A key. It consists of digests, so that a database that treats upper and lower case as equal cannot mix two rows
     * up. Rows whose names begin alike stand next to each other.
     *
     * @param text the key as text
     */
    public record Key(String text) {

        /** @param kind what the row is about, in a few small letters */
        public static Key of(String kind, String realmId, String... names) {
            StringBuilder text =
                    new StringBuilder(PREFIX).append(kind).append('.').append(digest(realmId));
            for (String name : names) {
                text.append(digest(name));
            }
            return new Key(text.toString());
        }

        /**
         * A key among those of its kind that stand in the order of a text.
         *
         * @param order digits and small letters, as many as in all keys of the kind
         */
        public static Key ordered(String kind, String order, String rest) {
            return new Key(PREFIX + kind + '.' + order + '.' + rest);
        }

        /** Returns the text before which the keys of a kind come that stand before an order. */
        public static String end(String kind, String order) {
            return PREFIX + kind + '.' + order;
        }

        /** Returns the text by which keys name things. */
        public static String names(String realmId, String... names) {
            return of("", realmId, names).text().substring(PREFIX.length() + 1);
        }
    }

    /**
     * A row. {@code toString} does not show its value.
     *
     * @param version a number that changes with the value
     */
    public record Row(Key key, String value, int version) {

        @Override
        public String toString() {
            return "Row[" + key + "]";
        }
    }

    /**
     * Returns rows in the order of their keys.
     *
     * @param from the text at or after which the keys come
     * @param before the text before which they come
     */
    public static List<Row> page(KeycloakSession session, String from, String before, int most) {
        return Database.of(session)
                .createQuery(PAGE, Object[].class)
                .setParameter("first", from)
                .setParameter("last", before)
                .setMaxResults(most)
                .getResultList()
                .stream()
                .map(row -> new Row(new Key((String) row[0]), (String) row[1], (Integer) row[2]))
                .toList();
    }

    /** Returns the rows whose keys begin with a key. */
    public static List<Row> all(KeycloakSession session, Key key) {
        return page(session, key.text(), key.text() + LAST, Integer.MAX_VALUE);
    }

    /** Inserts a row under a key that no other caller uses. */
    public static void insert(KeycloakSession session, Key key, String value) {
        run(session, INSERT, key, value);
    }

    /** Returns whether the row was there, and is deleted now. */
    public static boolean delete(KeycloakSession session, Key key) {
        return Database.of(session)
                        .createQuery(DELETE_ONE)
                        .setParameter("key", key.text())
                        .executeUpdate()
                == 1;
    }

    /** Returns whether the row still had this version, and has the new value now. */
    public static boolean replace(KeycloakSession session, Row row, String value) {
        return Database.of(session)
                        .createQuery(REPLACE_VERSION)
                        .setParameter("key", row.key().text())
                        .setParameter("version", row.version())
                        .setParameter("value", value)
                        .executeUpdate()
                == 1;
    }

    /** Deletes those rows of a kind whose keys contain a text. All rows of the kind are looked at. */
    public static void deleteContaining(KeycloakSession session, String kind, String text) {
        Database.of(session)
                .createQuery(DELETE_CONTAINING)
                .setParameter("first", PREFIX + kind + ".0")
                .setParameter("last", PREFIX + kind + "." + LAST)
                .setParameter("part", "%" + text + "%")
                .executeUpdate();
    }

    static String digest(String id) {
        byte[] digest = HashUtils.hash(JavaAlgorithm.SHA256, id.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest, 0, BYTES);
    }

    public static Optional<String> read(KeycloakSession session, Key key) {
        return Database.of(session)
                .createQuery(READ, String.class)
                .setParameter("key", key.text())
                .getResultList()
                .stream()
                .findFirst();
    }

    /** Stores a value in place of the one that is there. No two callers may write the same row at the same time. */
    public static void write(KeycloakSession session, Key key, String value) {
        boolean isReplaced = run(session, REPLACE, key, value) == 1;
        if (!isReplaced) {
            run(session, INSERT, key, value);
        }
    }

    private static int run(KeycloakSession session, String statement, Key key, String value) {
        return Database.of(session)
                .createQuery(statement)
                .setParameter("key", key.text())
                .setParameter("value", value)
                .executeUpdate();
    }

    /** Deletes the row of a key, and all rows whose names begin with those of the key. */
    public static void deleteAll(KeycloakSession session, Key key) {
        Database.of(session)
                .createQuery(DELETE)
                .setParameter("first", key.text())
                .setParameter("last", key.text() + LAST)
                .executeUpdate();
    }
}
