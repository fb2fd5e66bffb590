// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** What both runtimes give to {@code kc.sh start-dev}, and how both are known to be ready. */
record ServerOptions(Mode mode, int port, int managementPort, List<String> more) {

    /** How the server runs: for the tests' eyes, or as it would for a company. */
    enum Mode {
        /** Our own packages and the events are logged in full, so that a token in any of it is found. */
        DEVELOPMENT("start-dev", "info,io.converttoken:trace,org.keycloak.events:debug"),
        PRODUCTION("start", "info");

        private final String command;
        private final String logLevel;

        Mode(String command, String logLevel) {
            this.command = command;
            this.logLevel = logLevel;
        }

        String command() {
            return command;
        }
    }

    /** Where Keycloak keeps sessions, as system property {@code keycloak.sessions} says. */
    private enum Sessions {
        /** In the database, and in caches before it. */
        CACHED(List.of()),
        /** In the database alone, as from Keycloak 26.8 on unless it is told otherwise. */
        UNCACHED(List.of("--spi-user-sessions--infinispan--use-caches=false")),
        /** In memory alone. */
        VOLATILE(List.of("--features-disabled=persistent-user-sessions"));

        private final List<String> options;

        Sessions(List<String> options) {
            this.options = options;
        }

        List<String> options() {
            return options;
        }

        static Sessions asked() {
            return valueOf(System.getProperty("keycloak.sessions", "cached").toUpperCase(Locale.ROOT));
        }
    }

    /** Name and password of the administrator. */
    static final String ADMIN = "admin";

    static final String LOOPBACK = "127.0.0.1";

    static final String LOG = "keycloak-it.log";

    private static final Duration START = Duration.ofMinutes(10);

    ServerOptions {
        more = List.copyOf(more);
    }

    /** @param more options beside those that every server gets */
    static ServerOptions onFreePorts(List<String> more) {
        return onFreePorts(Mode.DEVELOPMENT, more);
    }

    static ServerOptions onFreePorts(Mode mode, List<String> more) {
        try (ServerSocket http = freePort();
                ServerSocket management = freePort()) {
            return new ServerOptions(mode, http.getLocalPort(), management.getLocalPort(), more);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command of {@code kc.sh} and its options. */
    List<String> commandLine() {
        List<String> all = new ArrayList<>(List.of(mode.command()));
        all.addAll(arguments());
        return all;
    }

    List<String> arguments() {
        List<String> all = new ArrayList<>(List.of(
                "--http-host=" + LOOPBACK,
                "--http-port=" + port,
                "--http-management-port=" + managementPort,
                "--health-enabled=true",
                "--log=console",
                "--log-level=" + mode.logLevel));
        all.addAll(Sessions.asked().options());
        all.addAll(more);
        return all;
    }

    /** The same ports for an image whose own command starts Keycloak, in production mode without TLS and a host name. */
    Map<String, String> environment() {
        return Map.of(
                "KC_HTTP_ENABLED",
                "true",
                "KC_HTTP_HOST",
                LOOPBACK,
                "KC_HTTP_PORT",
                Integer.toString(port),
                "KC_HTTP_MANAGEMENT_PORT",
                Integer.toString(managementPort),
                "KC_HOSTNAME_STRICT",
                "false");
    }

    URI base() {
        return URI.create("http://" + LOOPBACK + ":" + port + option("--http-relative-path="));
    }

    URI management() {
        return URI.create("http://" + LOOPBACK + ":" + managementPort + option("--http-management-relative-path="));
    }

    /** The value of an option that this server has beside those that every server gets, or nothing. */
    private String option(String prefix) {
        return more.stream()
                .filter(option -> option.startsWith(prefix))
                .map(option -> option.substring(prefix.length()))
                .findFirst()
                .orElse("");
    }

    /** Returns when the server reports ready, fails when it does not live to see that. */
    void awaitReady(BooleanSupplier alive) {
        Await.until("Keycloak is ready", START, () -> {
            if (!alive.getAsBoolean()) {
                throw new IllegalStateException("Keycloak died while starting");
            }
            return isReady();
        });
    }

    private boolean isReady() {
        URI health = URI.create(management() + "/health/ready");
        HttpRequest request =
                HttpRequest.newBuilder(health).timeout(Duration.ofSeconds(5)).build();
        try {
            return HttpClient.newHttpClient()
                            .send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while Keycloak starts", e);
        }
    }

    static int aFreePort() {
        try (ServerSocket socket = freePort()) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ServerSocket freePort() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    static String lastLines(String log) {
        List<String> lines = log.lines().toList();
        return String.join(System.lineSeparator(), lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    }
}
