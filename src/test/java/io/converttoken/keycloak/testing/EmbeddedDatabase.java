package io.converttoken.keycloak.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a stopped server has left in its embedded H2, which is open to one process at a time. */
public final class EmbeddedDatabase {

    private static final String USER = "sa";
    private static final long TIMEOUT_SECONDS = 60;

    /** With these options of {@code kc.sh} the database can be opened here, too. */
    public static final List<String> OPTIONS = List.of("--db-username=" + USER, "--db-password=" + USER);

    private final Path home;

    private EmbeddedDatabase(Path home) {
        this.home = home;
    }

    public static EmbeddedDatabase of(KeycloakServer stopped) {
        return new EmbeddedDatabase(stopped.home().toAbsolutePath());
    }

    /** Runs statements by H2's own shell, which Keycloak brings along, and answers what it prints. */
    public String sql(String statements) {
        try {
            Path output = Files.createTempFile(home, "sql-", ".out");
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            home.resolve("lib").resolve("lib").resolve("main") + File.separator + "*",
                            "org.h2.tools.Shell",
                            "-url",
                            "jdbc:h2:file:" + home.resolve("data").resolve("h2").resolve("keycloakdb")
                                    + ";NON_KEYWORDS=VALUE",
                            "-user",
                            USER,
                            "-password",
                            USER,
                            "-sql",
                            statements)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean hasEnded = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            String printed = Files.readString(output, StandardCharsets.UTF_8);
            if (!hasEnded || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError("H2 did not run " + statements + ":\n" + printed);
            }
            return printed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }
}
