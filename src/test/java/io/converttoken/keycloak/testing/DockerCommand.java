// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A command of Docker's, run in the project's folder, as the guides show it. */
final class DockerCommand {

    private static final Duration QUICK = Duration.ofMinutes(2);

    private DockerCommand() {}

    /** Returns what the command printed, and fails where its status is not 0. */
    static String run(List<String> command, Map<String, String> environment, Duration atMost) {
        try {
            Path output = Files.createTempFile(KeycloakServer.directory(), "docker-", ".out");
            try {
                ProcessBuilder builder = builder(command).redirectOutput(output.toFile());
                builder.environment().putAll(environment);
                int status = status(builder.start(), atMost);
                String printed = Files.readString(output, StandardCharsets.UTF_8);
                if (status != 0) {
                    throw new IllegalStateException(
                            String.join(" ", command) + " failed:\n" + ServerOptions.lastLines(printed));
                }
                return printed;
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns whether the program is there and says yes. */
    static boolean succeeds(List<String> command) {
        try {
            ProcessBuilder builder = builder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
            return status(builder.start(), QUICK) == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }

    private static ProcessBuilder builder(List<String> command) {
        Path project = Objects.requireNonNull(KeycloakServer.directory().getParent());
        return new ProcessBuilder(command)
                .directory(project.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    }

    private static int status(Process process, Duration atMost) {
        try {
            if (process.waitFor(atMost.toSeconds(), TimeUnit.SECONDS)) {
                return process.exitValue();
            }
            process.destroyForcibly();
            throw new IllegalStateException("Not within " + atMost.toSeconds() + " s: "
                    + process.info().commandLine().orElse("docker"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new IllegalStateException("Interrupted", e);
        }
    }
}
