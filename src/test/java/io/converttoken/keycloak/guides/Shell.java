// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a script by bash, from the project's directory, and keeps what it prints. */
public final class Shell {

    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private Shell() {}

    /** What came of it; errors are printed into the same output. */
    public record Result(int exitCode, String output) {

        public Result expectSuccess() {
            if (exitCode != 0) {
                throw new AssertionError("Exit code " + exitCode + ":\n" + output);
            }
            return this;
        }
    }

    /** Runs the script with these variables in its environment. */
    public static Result run(String script, Map<String, String> environment) {
        try {
            Path output = Files.createTempFile(Path.of("target"), "shell-", ".out");
            ProcessBuilder builder = new ProcessBuilder("bash", "-c", script)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError("Not done after " + TIMEOUT.toSeconds() + " s:\n" + script);
            }
            String printed = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            return new Result(process.exitValue(), printed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    /** Whether a command is there to be run. */
    public static boolean has(String command) {
        return run("command -v " + command, Map.of()).exitCode() == 0;
    }
}
