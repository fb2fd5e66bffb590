// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import dasniko.testcontainers.keycloak.KeycloakContainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.utility.MountableFile;

/**
 * The stock image on the host's network: the fake provider on the host's loopback is reached from inside without a
 * helper container.
 */
final class KeycloakInContainer implements RunningKeycloak {

    private final ServerOptions options;
    private final GenericContainer<?> container;
    private final Path log;

    private KeycloakInContainer(ServerOptions options, GenericContainer<?> container, Path log) {
        this.options = options;
        this.container = container;
        this.log = log;
    }

    private static final String CERTIFICATE = "/opt/keycloak/conf/stub.pem";

    static KeycloakInContainer start(String version, Path jar, Path certificate, List<String> more, Path log) {
        List<String> allOptions = new ArrayList<>(more);
        allOptions.add("--truststore-paths=" + CERTIFICATE);
        ServerOptions options = ServerOptions.onFreePorts(allOptions);
        KeycloakContainer container = new KeycloakContainer("quay.io/keycloak/keycloak:" + version)
                .withNetworkMode("host")
                .withAdminUsername(ServerOptions.ADMIN)
                .withAdminPassword(ServerOptions.ADMIN)
                .withRamPercentage(1, 20)
                .withProviderLibsFrom(List.of(jar.toFile()))
                .withCopyFileToContainer(MountableFile.forHostPath(certificate, 0644), CERTIFICATE)
                .waitingFor(new Readiness(options));
        // on the host's network no port is mapped, and Testcontainers would wait for the mapping
        container.setExposedPorts(List.of());
        options.arguments().forEach(container::withCustomCommand);
        KeycloakInContainer server = new KeycloakInContainer(options, container, log);
        server.awaitStart();
        return server;
    }

    /** An image that was built with Keycloak's build options, {@code --health-enabled=true} among them. */
    static KeycloakInContainer startBuilt(String image, Path log) {
        ServerOptions options = ServerOptions.onFreePorts(List.of());
        GenericContainer<?> container = new GenericContainer<>(image)
                .withNetworkMode("host")
                .withEnv("KC_BOOTSTRAP_ADMIN_USERNAME", ServerOptions.ADMIN)
                .withEnv("KC_BOOTSTRAP_ADMIN_PASSWORD", ServerOptions.ADMIN)
                .withEnv("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m")
                .withEnv(options.environment())
                .waitingFor(new Readiness(options));
        KeycloakInContainer server = new KeycloakInContainer(options, container, log);
        server.awaitStart();
        return server;
    }

    @Override
    public URI base() {
        return options.base();
    }

    @Override
    public URI management() {
        return options.management();
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
