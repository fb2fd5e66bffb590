// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import io.converttoken.keycloak.testing.social.SocialHosts;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Nodes of the stock distribution over one PostgreSQL, all on loopback, found by each other through the database. */
public final class KeycloakCluster implements AutoCloseable {

    private final EmbeddedPostgres database;
    private final List<KeycloakServer> nodes = new ArrayList<>();
    private final List<KeycloakServer> started = new ArrayList<>();

    private final List<String> more;

    private KeycloakCluster(EmbeddedPostgres database, List<String> more) {
        this.database = database;
        this.more = List.copyOf(more);
    }

    public static KeycloakCluster start(int nodes) {
        return start(nodes, List.of());
    }

    /** Nodes that know the social providers' stubs, with these options. */
    public static KeycloakCluster start(int nodes, SocialHosts hosts, List<String> more) {
        List<String> options = new ArrayList<>(more);
        options.add(KeycloakServer.leadingTo(hosts));
        options.add("--truststore-paths=" + hosts.certificate());
        return start(nodes, options);
    }

    private static KeycloakCluster start(int nodes, List<String> more) {
        try {
            KeycloakCluster cluster =
                    new KeycloakCluster(EmbeddedPostgres.builder().start(), more);
            for (int i = 0; i < nodes; i++) {
                cluster.nodes.add(cluster.startNode());
            }
            return cluster;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public KeycloakServer node(int index) {
        return nodes.get(index);
    }

    /** As {@code kill -9} does it. */
    public void kill(int index) {
        nodes.get(index).kill();
    }

    /** Starts a node that was killed, at another port. */
    public KeycloakServer restart(int index) {
        nodes.set(index, startNode());
        return nodes.get(index);
    }

    /** Changes the database, of which no node hears. */
    public void execute(String sql) {
        try (Connection connection = database.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        started.forEach(KeycloakServer::close);
        try {
            database.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private KeycloakServer startNode() {
        String log = "keycloak-it-node-" + (started.size() + 1) + ".log";
        KeycloakServer node = started.isEmpty()
                ? KeycloakServer.startDistribution(options(), log)
                : KeycloakServer.startAnother(started.get(0), options(), log);
        started.add(node);
        return node;
    }

    private List<String> options() {
        List<String> options = new ArrayList<>(more);
        options.addAll(List.of(
                "--cache=ispn",
                "--cache-embedded-mtls-enabled=false",
                "--cache-embedded-network-bind-address=" + ServerOptions.LOOPBACK,
                "--cache-embedded-network-bind-port=" + ServerOptions.aFreePort(),
                "--metrics-enabled=true",
                "--db=postgres",
                "--db-url=" + database.getJdbcUrl("postgres", "postgres"),
                "--db-username=postgres",
                "--db-password=postgres",
                // one name for all nodes, as behind a proxy: tokens of one are tokens of all
                "--hostname=http://keycloak.example"));
        return options;
    }
}
