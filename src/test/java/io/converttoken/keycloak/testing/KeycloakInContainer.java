package io.converttoken.keycloak.testing;

import dasniko.testcontainers.keycloak.KeycloakContainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;

/**
 * The stock image on the host's network: the fake provider on the host's loopback is reached from inside without a
 * helper container.
 */
final class KeycloakInContainer implements RunningKeycloak {

    private final ServerOptions options;
    private final KeycloakContainer container;
    private final Path log;

    private KeycloakInContainer(ServerOptions options, KeycloakContainer container, Path log) {
        this.options = options;
        this.container = container;
        this.log = log;
    }

    static KeycloakInContainer start(String version, Path jar) {
        ServerOptions options = ServerOptions.onFreePorts();
        KeycloakContainer container = new KeycloakContainer("quay.io/keycloak/keycloak:" + version)
                .withNetworkMode("host")
                .withAdminUsername(ServerOptions.ADMIN)
                .withAdminPassword(ServerOptions.ADMIN)
                .withRamPercentage(1, 20)
                .withProviderLibsFrom(List.of(jar.toFile()))
                .waitingFor(new Readiness(options));
        // on the host's network no port is mapped, and Testcontainers would wait for the mapping
        container.setExposedPorts(List.of());
        options.arguments().forEach(container::withCustomCommand);
        KeycloakInContainer server = new KeycloakInContainer(options, container, jar.resolveSibling(ServerOptions.LOG));
        server.awaitStart();
        return server;
    }

    @Override
    public URI base() {
        return options.base();
    }

    @Override
    public String log() {
        return container.getLogs();
    }

    @Override
    public void close() {
        try {
            Files.writeString(log, log(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            container.stop();
        }
    }

    private void awaitStart() {
        container.start();
    }

    private static final class Readiness extends AbstractWaitStrategy {

        private final ServerOptions options;

        Readiness(ServerOptions options) {
            this.options = options;
        }

        @Override
        protected void waitUntilReady() {
            options.awaitReady(waitStrategyTarget::isRunning);
        }
    }
}
