// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** {@code docker-compose.cluster.yml} as it is delivered, under a name and a port of its own. */
public final class ComposedCluster implements AutoCloseable {

    private static final List<String> IMAGES = List.of("postgres:15", "haproxy:2.6");
    private static final Duration START = Duration.ofMinutes(20);
    private static final Duration PROXY = Duration.ofSeconds(60);
    private static final Duration COMMAND = Duration.ofMinutes(2);

    private final String project =
            "convert-token-" + UUID.randomUUID().toString().substring(0, 8);
    private final List<String> compose;
    private final int port;
    private final Path log;
    private final Thread downWithThisJvm = new Thread(this::down, "down-" + project);

    private ComposedCluster(List<String> compose, int port, Path log) {
        this.compose = compose;
        this.port = port;
        this.log = log;
    }

    /** Whether an engine answers that has the images, and knows how to compose them. */
    public static boolean isPossible() {
        List<String> inspect = new ArrayList<>(List.of("docker", "image", "inspect"));
        inspect.addAll(IMAGES);
        return DockerCommand.succeeds(inspect) && !compose().isEmpty();
    }

    /** Returns when the proxy passes answers of a node on; the output of all services is in the log afterwards. */
    public static ComposedCluster start() {
        ComposedCluster cluster = new ComposedCluster(
                compose(), freePort(), KeycloakServer.directory().resolve("keycloak-it-composed.log"));
        Runtime.getRuntime().addShutdownHook(cluster.downWithThisJvm);
        try {
            cluster.compose(START, "up", "-d");
            // Docker accepts connections to the port before the proxy has read its configuration, and closes them.
            Await.until("the proxy answers", PROXY, cluster::isAnswering);
        } catch (IllegalStateException | AssertionError e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    private boolean isAnswering() {
        try {
            return call("/realms/demo").get().status() == 200;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    /** The address of the proxy. */
    public URI base() {
        return URI.create("http://localhost:" + port);
    }

    public Call call(String path) {
        return Call.to(base().resolve(path));
    }

    public AdminApi admin() {
        return new AdminApi(base(), ServerOptions.ADMIN, ServerOptions.ADMIN);
    }

    /** How many requests to this path the proxy has had answered by this node. */
    public long answers(String path, String node) {
        return compose(COMMAND, "logs", "--no-color", "proxy")
                .lines()
                .filter(line -> line.contains(" " + path + " ") && line.contains(" " + node + " "))
                .count();
    }

    /** As {@code kill -9} does it. */
    public void kill(String service) {
        compose(COMMAND, "kill", "-s", "KILL", service);
    }

    /** Removes everything, the data too. */
    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(downWithThisJvm);
        try {
            Files.writeString(log, compose(COMMAND, "logs", "--no-color"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            down();
        }
    }

    private void down() {
        compose(COMMAND, "down", "-v", "-t", "5");
    }

    private String compose(Duration atMost, String... arguments) {
        List<String> command = new ArrayList<>(compose);
        command.addAll(List.of("-p", project, "-f", "docker-compose.cluster.yml"));
        command.addAll(List.of(arguments));
        return DockerCommand.run(command, Map.of("KC_HTTP_PORT", Integer.toString(port)), atMost);
    }

    /** The plug-in of today's Docker, or the program it came from; nothing where there is neither. */
    private static List<String> compose() {
        for (List<String> command : List.of(List.of("docker", "compose"), List.of("docker-compose"))) {
            List<String> version = new ArrayList<>(command);
            version.add("version");
            if (DockerCommand.succeeds(version)) {
                return command;
            }
        }
        return List.of();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
