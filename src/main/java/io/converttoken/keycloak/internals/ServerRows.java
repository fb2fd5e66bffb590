// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
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

    private static final int BYTES = 16;

    /** No character of a key comes after this one, and no character of a digest does. */
    private static final String LAST = "~";

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
