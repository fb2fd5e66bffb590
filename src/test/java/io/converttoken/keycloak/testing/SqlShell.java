// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs statements by the shell of H2, which talks to every database by its JDBC driver. The shell and the drivers are those
 * that Keycloak brings along.
 */
record SqlShell(Path keycloak, String jdbcUrl, String username, String password) {

    private static final long TIMEOUT_SECONDS = 60;

    private static final List<String> JARS =
            List.of("com.h2database.", "org.postgresql.", "org.mariadb.", "com.mysql.");

    /** Runs statements and answers what the shell prints. */
    String run(String statements) {
        try {
            Path output = Files.createTempFile("sql-", ".out");
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            shellAndDrivers(),
                            "org.h2.tools.Shell",
                            "-url",
                            jdbcUrl,
                            "-user",
                            username,
                            "-password",
                            password,
                            "-sql",
                            statements)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean hasEnded = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            String printed = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            if (!hasEnded || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError("The database did not run " + statements + ":\n" + printed);
            }
            return printed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    /** These alone, because the drivers make use of what else is there, and would miss the rest of Keycloak then. */
    private String shellAndDrivers() throws IOException {
        Path libraries = keycloak.resolve("lib").resolve("lib").resolve("main");
        try (Stream<Path> jars = Files.list(libraries)) {
            return jars.filter(jar -> JARS.stream().anyMatch(String.valueOf(jar.getFileName())::startsWith))
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }
}
