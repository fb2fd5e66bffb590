package io.converttoken.keycloak.testing;

import java.net.URI;
import java.nio.file.Path;

/**
 * One Keycloak with the built JAR, from the stock distribution or from the stock image, as system property
 * {@code keycloak.runtime} says. Its output is in {@code target/keycloak-it.log}.
 */
public final class KeycloakServer implements AutoCloseable {

    private final RunningKeycloak running;
    private final AdminApi admin;

    private KeycloakServer(RunningKeycloak running) {
        this.running = running;
        this.admin = new AdminApi(running.base(), ServerOptions.ADMIN, ServerOptions.ADMIN);
    }

    static KeycloakServer start() {
        String runtime = property("keycloak.runtime");
        Path jar = Path.of(property("extension.jar"));
        RunningKeycloak running = switch (runtime) {
            case "distribution" ->
                KeycloakDistribution.start(
                        Path.of(property("keycloak.home")), jar, System.getProperty("server.agent", ""));
            case "container" -> KeycloakInContainer.start(property("keycloak.version"), jar);
            default -> throw new IllegalArgumentException("keycloak.runtime is not one of its values: " + runtime);
        };
        return new KeycloakServer(running);
    }

    /** Where the server answers, without a path. */
    public URI base() {
        return running.base();
    }

    /** All that the server has logged so far. */
    public String log() {
        return running.log();
    }

    public AdminApi admin() {
        return admin;
    }

    /** A call to an absolute path. */
    public Call call(String path) {
        return Call.to(base().resolve(path));
    }

    @Override
    public void close() {
        running.close();
    }

    private static String property(String name) {
        String value = System.getProperty(name, "");
        if (value.isBlank()) {
            throw new IllegalStateException("System property " + name + " is not set: run the tests by mvn verify");
        }
        return value;
    }
}
