package io.converttoken.keycloak.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The machine's own MariaDB, run over an empty directory on a free loopback port. The directory is removed afterwards.
 *
 * <p>The isolation level and the collation are MariaDB's defaults, because they are what a database is tried for: under
 * REPEATABLE READ a transaction that waited for a lock still sees the old rows, and the collation takes {@code bob} and
 * {@code BOB} for equal. Only what happens to data in a crash of the machine is given up, because no test crashes it.
 */
final class MariaDb implements AutoCloseable {

    /** System property that names the database, by the words of Keycloak's option {@code --db}. */
    private static final String PROPERTY = "keycloak.db";

    private static final String EMBEDDED = "dev-file";
    private static final String MARIADB = "mariadb";

    private static final String NAME = "kc";

    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration ORDERLY_STOP = Duration.ofSeconds(30);

    /** Debian has the server where an ordinary user's path does not lead. */
    private static final List<String> FURTHER_PLACES = List.of("/usr/sbin", "/usr/local/sbin");

    private final Path home;
    private final Path log;
    private final int port;
    private final Process process;
    private final Thread stopWithThisJvm = new Thread(this::stopAndRemove, "stop-mariadb");

    private MariaDb(Path home, Path log, int port, Process process) {
        this.home = home;
        this.log = log;
        this.port = port;
        this.process = process;
    }

    /**
     * Starts one if system property {@code keycloak.db} asks for it.
     *
     * @param parent where its directory and its log go
     */
    static Optional<MariaDb> startIfAskedFor(Path parent) {
        String asked = System.getProperty(PROPERTY, EMBEDDED);
        return switch (asked) {
            case EMBEDDED -> Optional.empty();
            case MARIADB -> Optional.of(start(parent));
            default -> throw new IllegalArgumentException(PROPERTY + " is not one of its values: " + asked);
        };
    }

    private static MariaDb start(Path parent) {
        Path server = program("mariadbd");
        Path installer = program("mariadb-install-db");
        try {
            Path home = Files.createTempDirectory(parent, "mariadb-it-");
            Path log = parent.resolve("mariadb-it.log");
            install(installer, home, log);
            int port = ServerOptions.aFreePort();
            MariaDb database = new MariaDb(home, log, port, launch(command(server, home, port), log));
            Runtime.getRuntime().addShutdownHook(database.stopWithThisJvm);
            database.awaitReady();
            return database;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What Keycloak needs to know. */
    List<String> keycloakOptions() {
        return List.of(
                "--db=" + MARIADB,
                "--db-url=jdbc:mariadb://" + ServerOptions.LOOPBACK + ":" + port + "/" + NAME,
                "--db-username=" + NAME,
                "--db-password=" + NAME);
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(stopWithThisJvm);
        stopAndRemove();
    }

    private static void install(Path installer, Path home, Path log) throws IOException {
        Process process = launch(
                List.of(
                        installer.toString(),
                        "--no-defaults",
                        "--user=" + me(),
                        "--datadir=" + data(home),
                        "--auth-root-authentication-method=normal",
                        "--skip-test-db"),
                log);
        if (!endedWithin(START, process) || process.exitValue() != 0) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            Directories.remove(home);
            throw new IllegalStateException("MariaDB was not installed, see " + log.getFileName());
        }
    }

    private static List<String> command(Path server, Path home, int port) throws IOException {
        return List.of(
                server.toString(),
                "--no-defaults",
                "--user=" + me(),
                "--datadir=" + data(home),
                "--bind-address=" + ServerOptions.LOOPBACK,
                "--port=" + port,
                // in the data directory, because the path of a socket may have no more than 107 characters
                "--socket=mariadb.sock",
                "--pid-file=mariadb.pid",
                "--init-file=" + statements(home),
                // an account is known by its address then, whatever this machine calls that
                "--skip-name-resolve",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-doublewrite=OFF");
    }

    /** Read before the first connection is taken, one statement a line. Root, who has no password, is locked. */
    private static Path statements(Path home) throws IOException {
        String account = "'" + NAME + "'@'" + ServerOptions.LOOPBACK + "'";
        return Files.write(
                home.resolve("init.sql"),
                List.of(
                        "create database " + NAME + " character set utf8mb4 collate utf8mb4_unicode_ci;",
                        "create user " + account + " identified by '" + NAME + "';",
                        "grant all on " + NAME + ".* to " + account + ";",
                        "alter user 'root'@'" + ServerOptions.LOOPBACK + "' account lock;"));
    }

    private static Path data(Path home) {
        return home.resolve("data");
    }

    private static String me() {
        return System.getProperty("user.name");
    }

    private static Process launch(List<String> command, Path log) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private void awaitReady() throws IOException {
        try {
            Await.until("MariaDB is ready", START, () -> {
                if (!process.isAlive()) {
                    throw new IllegalStateException("MariaDB died while starting");
                }
                return takesConnections();
            });
        } catch (RuntimeException | AssertionError e) {
            String output = Files.readString(log, StandardCharsets.UTF_8);
            close();
            throw new IllegalStateException(
                    "MariaDB did not start, see " + log.getFileName() + ":\n" + ServerOptions.lastLines(output), e);
        }
    }

    private boolean takesConnections() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(ServerOptions.LOOPBACK, port), 1000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private void stopAndRemove() {
        process.destroy();
        if (!endedWithin(ORDERLY_STOP, process)) {
            process.destroyForcibly();
            endedWithin(ORDERLY_STOP, process);
        }
        Directories.remove(home);
    }

    private static boolean endedWithin(Duration time, Process process) {
        try {
            return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Path program(String name) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Arrays.stream(path.split(File.pathSeparator, -1)), FURTHER_PLACES.stream())
                .filter(place -> !place.isBlank())
                .map(place -> Path.of(place, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException(
                                "-D" + PROPERTY + "=" + MARIADB + " needs " + name
                                        + ", which is not on this machine: install Debian's mariadb-server, or leave the property out"));
    }
}
