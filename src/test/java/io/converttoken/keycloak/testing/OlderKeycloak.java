// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The stock distribution of a release that is not supported any more, with the built JAR. */
public final class OlderKeycloak {

    private static final Duration AT_MOST = Duration.ofMinutes(10);

    private OlderKeycloak() {}

    /** What a command came to. */
    public record Outcome(int status, String output) {}

    /** Whether one is there: only profile {@code older} unpacks it. */
    public static boolean isThere() {
        return !version().isEmpty();
    }

    public static String version() {
        return System.getProperty("older.keycloak.version", "");
    }

    /** Runs {@code kc.sh} until it ends. */
    public static Outcome run(List<String> arguments) {
        Path target = KeycloakServer.directory();
        Path log = target.resolve("keycloak-it-older.log");
        int status = KeycloakDistribution.run(
                target.resolve("keycloak-" + version()), KeycloakServer.jar(), arguments, log, AT_MOST);
        try {
            return new Outcome(status, Files.readString(log, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
