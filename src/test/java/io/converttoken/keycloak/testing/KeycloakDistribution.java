// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The stock distribution, run from a copy of its own that is removed afterwards. */
final class KeycloakDistribution implements RunningKeycloak {

    private static final Duration ORDERLY_STOP = Duration.ofSeconds(30);

    private final ServerOptions options;
    private final Path home;
    private final Path log;
    private final Process process;
    private final Thread stopWithThisJvm = new Thread(this::stopAndRemove, "stop-keycloak");

    private KeycloakDistribution(ServerOptions options, Path home, Path log, Process process) {
        this.options = options;
        this.home = home;
        this.log = log;
        this.process = process;
    }

    /**
     * Starts and waits until the server is ready.
     *
     * @param distribution an unpacked stock distribution, left as it is; one that was started before is not built again
     * @param jar what goes into {@code providers/}
     * @param agent an argument for the server's JVM, may be empty
     * @param certificate which the server trusts, if any
     * @param more options of {@code kc.sh}
     * @param log where the output goes
     */
    static KeycloakDistribution start(
            Path distribution, Path jar, String agent, Optional<Path> certificate, List<String> more, Path log) {
        try {
            Path home = unpacked(distribution, log);
            install(jar, home);
            List<String> allOptions = new ArrayList<>(more);
            certificate.ifPresent(trusted -> allOptions.add("--truststore-paths=" + trusted.toAbsolutePath()));
            return started(home, log, ServerOptions.onFreePorts(allOptions), agent);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same with several JARs. */
    static KeycloakDistribution start(Path distribution, List<Path> jars, Path log) {
        try {
            Path home = unpacked(distribution, log);
            for (Path jar : jars) {
                install(jar, home);
            }
            return started(home, log, ServerOptions.onFreePorts(List.of()), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same in a mode, with these JARs in {@code providers/}, or none. */
    static KeycloakDistribution startWith(
            ServerOptions.Mode mode, Path distribution, List<Path> jars, List<String> more, Path log) {
        try {
            Path home = unpacked(distribution, log);
            for (Path jar : jars) {
                install(jar, home);
            }
            return started(home, log, ServerOptions.onFreePorts(mode, more), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same on a Keycloak that is another one itself. */
    static KeycloakDistribution start(Path distribution, ChangedKeycloak changed, Path jar, Path log) {
        try {
            Path home = unpacked(distribution, log);
            changed.applyTo(home);
            install(jar, home);
            return started(home, log, ServerOptions.onFreePorts(List.of()), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The same installation once more, after it was stopped: at the same ports, with the data that it left.
     *
     * @param jars what alone is in {@code providers/} then, if anything
     */
    KeycloakDistribution startAgain(List<Path> jars, Path nextLog) {
        try {
            Runtime.getRuntime().removeShutdownHook(stopWithThisJvm);
            try (Stream<Path> installed = Files.list(home.resolve("providers"))) {
                for (Path former : installed.toList()) {
                    Files.delete(former);
                }
            }
            for (Path jar : jars) {
                install(jar, home);
            }
            return started(home, nextLog, options, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path unpacked(Path distribution, Path log) throws IOException {
        Path home = Files.createTempDirectory(Objects.requireNonNull(log.getParent()), "keycloak-it-");
        copy(distribution, home);
        return home;
    }

    private static void install(Path jar, Path home) throws IOException {
        Files.copy(jar, home.resolve("providers").resolve(jar.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
    }

    private static KeycloakDistribution started(Path home, Path log, ServerOptions options, String agent)
            throws IOException {
        Process process = launch(home, log, options.commandLine(), agent);
        KeycloakDistribution server = new KeycloakDistribution(options, home, log, process);
        Runtime.getRuntime().addShutdownHook(server.stopWithThisJvm);
        server.awaitReady();
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
        try {
            return Files.readString(log, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(stopWithThisJvm);
        stopAndRemove();
    }

    /** As {@code kill -9} does it: nothing is finished, nothing written. It is still to be closed. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        endedWithin(ORDERLY_STOP);
    }

    /** The JVM that serves, not the script around it. */
    ProcessHandle server() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .filter(handle -> handle.info().command().orElse("").endsWith("/java"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("Keycloak does not run"));
    }

    Path home() {
        return home;
    }

    private void awaitReady() {
        try {
            options.awaitReady(process::isAlive);
        } catch (RuntimeException | AssertionError e) {
            String output = log();
            close();
            throw new IllegalStateException(
                    "Keycloak did not start, see " + log.getFileName() + ":\n" + ServerOptions.lastLines(output), e);
        }
    }

    /** Runs one command of a copy of the distribution with the JAR, and answers with its exit status. */
    static int run(Path distribution, Path jar, List<String> arguments, Path log, Duration atMost) {
        try {
            Path home = unpacked(distribution, log);
            install(jar, home);
            Process process = launch(home, log, arguments, "");
            try {
                if (!process.waitFor(atMost.toSeconds(), TimeUnit.SECONDS)) {
                    throw new IllegalStateException("Still running: kc.sh " + String.join(" ", arguments));
                }
                return process.exitValue();
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                Directories.remove(home);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    private static Process launch(Path home, Path log, List<String> arguments, String agent) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin").resolve("kc.sh").toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("KC_") || name.startsWith("JAVA_OPTS"));
        environment.put("JAVA_HOME", javaHome());
        environment.put(
                "JAVA_OPTS_KC_HEAP",
                arguments.contains(ServerOptions.Mode.PRODUCTION.command()) ? "-Xms1g -Xmx1g" : "-Xms128m -Xmx1g");
        environment.put("JAVA_OPTS_APPEND", agent);
        environment.put("KC_BOOTSTRAP_ADMIN_USERNAME", ServerOptions.ADMIN);
        environment.put("KC_BOOTSTRAP_ADMIN_PASSWORD", ServerOptions.ADMIN);
        return builder.start();
    }

    /** The Java that system property {@code keycloak.java} names, or else the one that runs the tests. */
    private static String javaHome() {
        String asked = System.getProperty("keycloak.java", "");
        return asked.isBlank() ? System.getProperty("java.home") : asked;
    }

    private void stopAndRemove() {
        stop();
        Directories.remove(home);
    }

    /** Orderly first, so that the coverage agent writes its file; a JVM that builds is a child of the script. */
    void stop() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        children.forEach(ProcessHandle::destroy);
        if (!endedWithin(ORDERLY_STOP)) {
            process.destroyForcibly();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }

    private boolean endedWithin(Duration time) {
        try {
            return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The libraries, which Keycloak only reads, are linked; whatever a build or a run writes to is copied. */
    private static void copy(Path distribution, Path home) throws IOException {
        Path libraries = distribution.resolve("lib").resolve("lib");
        try (Stream<Path> sources = Files.walk(distribution)) {
            for (Path source : (Iterable<Path>) sources.filter(path -> isStock(distribution, path))::iterator) {
                Path copy = home.resolve(distribution.relativize(source).toString());
                if (Files.isDirectory(source)) {
                    Files.createDirectories(copy);
                } else if (source.startsWith(libraries)) {
                    linkOrCopy(source, copy);
                } else {
                    Files.copy(source, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    /** Not what a demo has left in the same place: its JAR and its data. */
    private static boolean isStock(Path distribution, Path path) {
        boolean isExtension = path.startsWith(distribution.resolve("providers"))
                && path.toString().endsWith(".jar");
        return !isExtension && !path.startsWith(distribution.resolve("data"));
    }

    private static void linkOrCopy(Path source, Path copy) throws IOException {
        try {
            Files.createLink(copy, source);
        } catch (UnsupportedOperationException | FileSystemException noLinksHere) {
            Files.copy(source, copy);
        }
    }
}
