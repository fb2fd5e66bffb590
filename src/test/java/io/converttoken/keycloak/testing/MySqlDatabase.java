// SPDX-License-Identifier: Apache-2.0
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The machine's own MariaDB, or a MySQL that somebody has unpacked, run over an empty directory on a free loopback port. The
 * directory is removed afterwards.
 *
 * <p>The isolation level and the collation are the defaults, because they are what a database is tried for: under
 * REPEATABLE READ a transaction that waited for a lock still sees the old rows, and the collation takes {@code bob} and
 * {@code BOB} for equal. Only what happens to data in a crash of the machine is given up, because no test crashes it.
 */
final class MySqlDatabase implements DatabaseServer {

    /** Which of the two it is. */
    enum Product {
        MARIADB("mariadbd"),
        MYSQL("mysqld");

        private final String program;

        Product(String program) {
            this.program = program;
        }

        /** What Keycloak and the addresses of JDBC call it. */
        String vendor() {
            return name().toLowerCase(Locale.ROOT);
        }

        private String howToGetIt() {
            return this == MARIADB
                    ? "install Debian's mariadb-server"
                    : "unpack MySQL, and name the place by -D" + MYSQL_HOME;
        }

        /** What makes an empty database, where nobody can sign in but root, who has no password. */
        private List<String> installation(Path server, Path home) {
            return this == MARIADB
                    ? List.of(
                            program("mariadb-install-db").toString(),
                            "--no-defaults",
                            "--user=" + me(),
                            "--datadir=" + data(home),
                            "--auth-root-authentication-method=normal",
                            "--skip-test-db")
                    : List.of(
                            server.toString(),
                            "--no-defaults",
                            "--user=" + me(),
                            "--datadir=" + data(home),
                            "--initialize-insecure");
        }

        private Path server() {
            return this == MARIADB ? program(program) : Path.of(System.getProperty(MYSQL_HOME, ""), "bin", program);
        }

        private Path program(String name) {
            String path = System.getenv().getOrDefault("PATH", "");
            return Stream.concat(Arrays.stream(path.split(File.pathSeparator, -1)), FURTHER_PLACES.stream())
                    .filter(place -> !place.isBlank())
                    .map(place -> Path.of(place, name))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElseThrow(() -> missing(name));
        }

        private IllegalStateException missing(String name) {
            return new IllegalStateException("-D" + PROPERTY + "=" + vendor() + " needs " + name
                    + ", which is not on this machine: " + howToGetIt() + ", or leave the property out");
        }
    }

    /** System property with the directory of an unpacked MySQL; under Debian {@code mysqld} is MariaDB. */
    private static final String MYSQL_HOME = "mysql.home";

    /** System property with options of the server, for what newer versions do by default. */
    private static final String SETTINGS = "keycloak.db.settings";

    private static final String NAME = "kc";

    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration ORDERLY_STOP = Duration.ofSeconds(30);

    /** Debian has the server where an ordinary user's path does not lead. */
    private static final List<String> FURTHER_PLACES = List.of("/usr/sbin", "/usr/local/sbin");

    private final Product product;
    private final Path home;
    private final Path log;
    private final int port;
    private final Process process;
    private final Thread stopWithThisJvm = new Thread(this::stopAndRemove, "stop-database");

    private MySqlDatabase(Product product, Path home, Path log, int port, Process process) {
        this.product = product;
        this.home = home;
        this.log = log;
        this.port = port;
        this.process = process;
    }

    /** @param parent where its directory and its log go */
    static MySqlDatabase start(Product product, Path parent) {
        Path server = product.server();
        if (!Files.isExecutable(server)) {
            throw product.missing(product.program);
        }
        try {
            Path home = Files.createTempDirectory(parent, product.vendor() + "-it-");
            Path log = parent.resolve(product.vendor() + "-it.log");
            install(product.installation(server, home), home, log);
            int port = ServerOptions.aFreePort();
            MySqlDatabase database =
                    new MySqlDatabase(product, home, log, port, launch(command(product, server, home, port), log));
            Runtime.getRuntime().addShutdownHook(database.stopWithThisJvm);
            database.awaitReady();
            return database;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String vendor() {
        return product.vendor();
    }

    @Override
    public String jdbcUrl() {
        String url = "jdbc:" + product.vendor() + "://" + ServerOptions.LOOPBACK + ":" + port + "/" + NAME;
        // without TLS, MySQL's driver asks for the key by which it encrypts the password
        return product == Product.MYSQL ? url + "?sslMode=DISABLED&allowPublicKeyRetrieval=true" : url;
    }

    @Override
    public String username() {
        return NAME;
    }

    @Override
    public String password() {
        return NAME;
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(stopWithThisJvm);
        stopAndRemove();
    }

    private static void install(List<String> command, Path home, Path log) throws IOException {
        Process process = launch(command, log);
        if (!endedWithin(START, process) || process.exitValue() != 0) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            Directories.remove(home);
            throw new IllegalStateException("MariaDB was not installed, see " + log.getFileName());
        }
    }

    private static List<String> command(Product product, Path server, Path home, int port) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                server.toString(),
                "--no-defaults",
                "--user=" + me(),
                "--datadir=" + data(home),
                "--bind-address=" + ServerOptions.LOOPBACK,
                "--port=" + port,
                // in the data directory, because the path of a socket may have no more than 107 characters
                "--socket=database.sock",
                "--pid-file=database.pid",
                "--init-file=" + statements(product, home),
                // an account is known by its address then, whatever this machine calls that
                "--skip-name-resolve",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-doublewrite=OFF"));
        if (product == Product.MYSQL) {
            command.addAll(List.of("--mysqlx=OFF", "--skip-log-bin"));
        }
        Arrays.stream(System.getProperty(SETTINGS, "").split(" ", -1))
                .filter(setting -> !setting.isBlank())
                .forEach(command::add);
        return command;
    }

    /** Read before the first connection is taken, one statement a line. Root, who has no password, is locked. */
    private static Path statements(Product product, Path home) throws IOException {
        String account = "'" + NAME + "'@'" + ServerOptions.LOOPBACK + "'";
        return Files.write(
                home.resolve("init.sql"),
                List.of(
                        "create database " + NAME + " character set utf8mb4 collate utf8mb4_unicode_ci;",
                        "create user " + account + " identified by '" + NAME + "';",
                        "grant all on " + NAME + ".* to " + account + ";",
                        "alter user 'root'@'"
                                + (product == Product.MARIADB ? ServerOptions.LOOPBACK : "localhost")
                                + "' account lock;"));
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
}
