// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One Keycloak in production mode over a PostgreSQL that writes its log to the disk before it answers: what is measured is
 * measured here.
 */
public final class KeycloakOnPostgres implements AutoCloseable {

    private static final String USER = "postgres";
    private static final String LOG = "keycloak-benchmark.log";

    private final EmbeddedPostgres database;
    private final KeycloakServer server;

    private KeycloakOnPostgres(EmbeddedPostgres database, KeycloakServer server) {
        this.database = database;
        this.server = server;
    }

    /**
     * Starts and waits until it is ready.
     *
     * @param settings of PostgreSQL
     * @param options of {@code kc.sh}, beside those of the database
     */
    public static KeycloakOnPostgres start(Map<String, String> settings, List<String> options) {
        return start(settings, options, all -> KeycloakServer.startForProduction(all, LOG));
    }

    /** The same without the extension. */
    public static KeycloakOnPostgres startStock(Map<String, String> settings) {
        return start(settings, List.of(), all -> KeycloakServer.startStockForProduction(all, "stock-" + LOG));
    }

    private static KeycloakOnPostgres start(
            Map<String, String> settings, List<String> options, Function<List<String>, KeycloakServer> server) {
        try {
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("shared_buffers", "256MB");
            settings.forEach(builder::setServerConfig);
            EmbeddedPostgres database = builder.start();
            List<String> all = new ArrayList<>(List.of(
                    "--cache=ispn",
                    "--cache-embedded-mtls-enabled=false",
                    "--cache-embedded-network-bind-address=" + ServerOptions.LOOPBACK,
                    "--cache-embedded-network-bind-port=" + ServerOptions.aFreePort(),
                    "--db=postgres",
                    "--db-url=" + database.getJdbcUrl(USER, USER),
                    "--db-username=" + USER,
                    "--db-password=" + USER,
                    "--http-enabled=true",
                    "--hostname-strict=false"));
            all.addAll(options);
            return new KeycloakOnPostgres(database, server.apply(all));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public KeycloakServer server() {
        return server;
    }

    /** The server's JVM. */
    public ProcessHandle process() {
        return server.process();
    }

    /** What the server's process has used of the processors so far. */
    public ProcessorTime serverCpu() {
        return ProcessorTime.of(Stream.of(process()));
    }

    /** The same of the database's processes. */
    public ProcessorTime databaseCpu() {
        long pid = Long.parseLong(query("select split_part(pg_read_file('postmaster.pid'), chr(10), 1)")
                .get(0));
        ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
        return ProcessorTime.of(Stream.concat(Stream.of(postmaster), postmaster.children()));
    }

    /** The first column of what a query finds. */
    public List<String> query(String sql) {
        try (Connection connection = database.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(String.valueOf(rows.getString(1)));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where reports go, made where it is not there. */
    public static Path reports() {
        return KeycloakServer.directory().resolve("benchmark");
    }

    @Override
    public void close() {
        server.close();
        try {
            database.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
