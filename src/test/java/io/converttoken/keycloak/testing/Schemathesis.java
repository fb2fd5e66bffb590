// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Schemathesis, which makes up requests from an OpenAPI document; a Python program, installed below {@code target/} when it
 * is first used. What it is told is in {@code src/test/fuzz}.
 */
public final class Schemathesis {

    /** Operations of the document: what is asked for is shared out among them. */
    private static final int OPERATIONS = 13;

    private static final String WORKERS = "2";

    private final URI base;
    private final TestRealm realm;
    private final Path target = KeycloakServer.directory();
    private final Path settings = Objects.requireNonNull(target.getParent())
            .resolve("src")
            .resolve("test")
            .resolve("fuzz");
    private final Path environment = target.resolve("schemathesis");
    private final Path tokens = target.resolve("schemathesis-tokens.txt");
    private final Path answers = target.resolve("schemathesis-answers.txt");

    /** @param externalTokens what conversions are tried with */
    public Schemathesis(URI base, TestRealm realm, List<String> externalTokens) {
        this.base = base;
        this.realm = realm;
        try {
            Files.write(tokens, externalTokens);
            Files.deleteIfExists(answers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        install();
    }

    /** What a run came to: it is clean where every answer was as described. */
    public record Run(boolean isClean, int requests, String output) {}

    /** Makes about as many requests. */
    public Run run(int seed, int requests) {
        int before = answers().size();
        Path log = target.resolve("keycloak-it-schemathesis-" + seed + ".log");
        int status = run(
                List.of(
                        program("schemathesis"),
                        "--config-file=" + settings.resolve("schemathesis.toml"),
                        "run",
                        realm.uri("/auth/openapi.json").toString(),
                        "--url=" + base,
                        "--phases=examples,coverage,fuzzing",
                        "--max-examples=" + Math.max(10, requests / OPERATIONS),
                        "--seed=" + seed,
                        "--workers=" + WORKERS,
                        "--continue-on-failure",
                        "--suppress-health-check=all",
                        "--request-timeout=60",
                        "--no-color"),
                log);
        return new Run(status == 0, answers().size() - before, read(log));
    }

    /** Operations that have been answered with success at least once. */
    public Set<String> successes() {
        return answers().stream()
                .filter(answer -> answer.matches("\\S+ 2\\d\\d"))
                .map(answer -> answer.substring(0, answer.indexOf(' ')))
                .collect(Collectors.toSet());
    }

    private List<String> answers() {
        return Files.exists(answers) ? read(answers).lines().toList() : List.of();
    }

    private void install() {
        Path log = target.resolve("schemathesis-install.log");
        requireSuccess(List.of("python3", "-m", "venv", environment.toString()), log);
        String requirements = settings.resolve("requirements.txt").toString();
        requireSuccess(List.of(program("pip"), "install", "--quiet", "-r", requirements), log);
    }

    private String program(String name) {
        return environment.resolve("bin").resolve(name).toString();
    }

    private void requireSuccess(List<String> command, Path log) {
        if (run(command, log) != 0) {
            throw new IllegalStateException(String.join(" ", command) + " failed:\n" + read(log));
        }
    }

    private int run(List<String> command, Path log) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(settings.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectOutput(log.toFile());
            builder.environment().putAll(variables());
            return builder.start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    private Map<String, String> variables() {
        String alice = AdminApi.id(realm.admin().user(realm.name(), TestRealm.ALICE.username()));
        return Map.of(
                "FUZZ_BASE", base.toString(),
                "FUZZ_REALM", realm.name(),
                "FUZZ_USER", alice,
                "FUZZ_TOKENS", tokens.toString(),
                "FUZZ_COUNT", answers.toString(),
                "PYTHONDONTWRITEBYTECODE", "1");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
