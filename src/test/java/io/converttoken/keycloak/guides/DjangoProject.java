// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The Django project of {@code src/test/django} with drf-social-oauth2, on loopback. Its packages are installed below {@code
 * target/} when it is first used.
 */
final class DjangoProject implements AutoCloseable {

    private static final Path SOURCE = Path.of("src", "test", "django");
    private static final Path HOME = Path.of("target", "django").toAbsolutePath();
    private static final Path REQUIREMENTS = SOURCE.resolve("requirements.txt");
    private static final Path DATABASE = HOME.resolve("database.sqlite3");
    private static final Path PORT = HOME.resolve("port");
    private static final Path LOG = HOME.resolve("serve.log");
    private static final Duration STARTED = Duration.ofSeconds(90);
    private static final Duration ENDED = Duration.ofSeconds(10);

    private final Process process;
    private final URI base;

    private DjangoProject(Process process, URI base) {
        this.process = process;
        this.base = base;
    }

    /** What is missing on this machine to install it, if anything is. */
    static Optional<String> install() {
        if (!Shell.has("python3")) {
            return Optional.of("there is no python3");
        }
        Path installed = HOME.resolve("installed.txt");
        Shell.Result result = Shell.run(
                """
                set -e
                if ! cmp -s "$REQUIREMENTS" "$INSTALLED"; then
                  rm -rf "$HOME_OF_IT"
                  python3 -m venv "$HOME_OF_IT/venv"
                  "$HOME_OF_IT/venv/bin/pip" install --quiet --no-deps --disable-pip-version-check -r "$REQUIREMENTS"
                  cp "$REQUIREMENTS" "$INSTALLED"
                fi
                """,
                Map.of(
                        "REQUIREMENTS",
                        REQUIREMENTS.toString(),
                        "INSTALLED",
                        installed.toString(),
                        "HOME_OF_IT",
                        HOME.toString()));
        return result.exitCode() == 0
                ? Optional.empty()
                : Optional.of("its packages could not be had: " + result.output());
    }

    /** Starts with a new database. */
    static DjangoProject start(FakeProvider provider) {
        try {
            Files.deleteIfExists(DATABASE);
            Files.deleteIfExists(PORT);
            ProcessBuilder builder = new ProcessBuilder(
                            HOME.resolve("venv")
                                    .resolve("bin")
                                    .resolve("python")
                                    .toString(),
                            "-B",
                            "serve.py",
                            PORT.toString())
                    .directory(SOURCE.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(LOG.toFile());
            builder.environment().put("DJANGO_DATABASE", DATABASE.toString());
            builder.environment().put("PROVIDER", provider.issuer());
            Process process = builder.start();
            process.getOutputStream().close();
            return new DjangoProject(process, base(process));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static URI base(Process process) {
        try {
            String port = Await.untilPresent("Django's port", STARTED, () -> {
                if (!process.isAlive()) {
                    throw new AssertionError("Django has ended:\n" + read(LOG));
                }
                return Files.exists(PORT) ? Optional.of(read(PORT)) : Optional.empty();
            });
            return URI.create("http://127.0.0.1:" + port);
        } catch (AssertionError e) {
            end(process);
            throw e;
        }
    }

    /** A call to an endpoint of drf-social-oauth2. */
    Call call(String endpoint) {
        return Call.to(base.resolve("/auth/" + endpoint));
    }

    @Override
    public void close() {
        end(process);
    }

    private static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(ENDED.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
