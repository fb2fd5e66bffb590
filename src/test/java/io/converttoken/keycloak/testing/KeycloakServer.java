// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import io.converttoken.keycloak.testing.social.SocialHosts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One Keycloak with the built JAR, from the stock distribution or from the stock image, as system property
 * {@code keycloak.runtime} says. Its output is in {@code target/keycloak-it.log}. One that knows the social providers'
 * stubs keeps its data in the database that system property {@code keycloak.db} names.
 */
public final class KeycloakServer implements AutoCloseable {

    private final RunningKeycloak running;
    private final Optional<DatabaseServer> database;
    private final AdminApi admin;

    private KeycloakServer(RunningKeycloak running) {
        this(running, Optional.empty());
    }

    private KeycloakServer(RunningKeycloak running, Optional<DatabaseServer> database) {
        this.running = running;
        this.database = database;
        this.admin = new AdminApi(running.base(), ServerOptions.ADMIN, ServerOptions.ADMIN);
    }

    /** Where a proxy in front of the server would hand on the client's certificate: the base64 of its DER form. */
    public static final String CERTIFICATE_HEADER = "X-Client-Certificate";

    /** By which it finds the certificate there. */
    public static final List<String> CERTIFICATES = List.of(
            "--spi-x509cert-lookup--provider=haproxy",
            "--spi-x509cert-lookup--haproxy--ssl-client-cert=" + CERTIFICATE_HEADER);

    /** The limits that tests reach which show one fault and one bad token after another. */
    private static final List<String> PATIENT = List.of(
            "--spi-identity-provider-mapper--convert-token--breaker-failures=1000000",
            "--spi-identity-provider-mapper--convert-token--failures-per-minute=0");

    /** With the built JAR, as it is delivered but for the limits on faults and bad tokens, and as behind a proxy. */
    static KeycloakServer start(SocialHosts hosts) {
        List<String> options = new ArrayList<>(PATIENT);
        options.addAll(CERTIFICATES);
        return start(hosts, options, ServerOptions.LOG);
    }

    /** The same, without the explorer, and with features of Keycloak that are off by default. The caller closes it. */
    public static KeycloakServer startWithFeatures(SocialHosts hosts, String... features) {
        List<String> options = new ArrayList<>(PATIENT);
        options.add("--features=" + String.join(",", features));
        options.add("--spi-realm-restapi-extension--auth--docs-enabled=false");
        return start(hosts, options, "keycloak-it-features.log");
    }

    /** With Keycloak's transmitter of shared signals, which may push to a receiver without TLS. The caller closes it. */
    public static KeycloakServer startTransmitter(SocialHosts hosts) {
        return start(
                hosts,
                List.of(
                        "--features=ssf",
                        "--spi-ssf-transmitter--default--allow-insecure-push-targets=true",
                        "--spi-ssf-transmitter--default--outbox-drainer-interval=1"),
                "keycloak-it-transmitter.log");
    }

    /** With all limits as they are by default, metrics, and traces that are sent to the collector. The caller closes it. */
    public static KeycloakServer startObserved(SocialHosts hosts, TraceCollector collector) {
        return start(
                hosts,
                List.of(
                        "--metrics-enabled=true",
                        "--tracing-enabled=true",
                        "--tracing-protocol=http/protobuf",
                        "--tracing-compression=none",
                        "--tracing-endpoint=" + collector.uri()),
                "keycloak-it-limits.log");
    }

    /** From the distribution, with more options of {@code kc.sh}. The caller closes it, killed or not. */
    static KeycloakServer startDistribution(List<String> options, String log) {
        return startCopyOf(Path.of(property("keycloak.home")), options, log);
    }

    /** From the distribution, with another extension next to ours. The caller closes it. */
    public static KeycloakServer startNextTo(ForeignJar foreign, String log) {
        return new KeycloakServer(KeycloakDistribution.start(
                Path.of(property("keycloak.home")),
                List.of(Path.of(property("extension.jar")), foreign.write(log.replace(".log", ".jar"))),
                directory().resolve(log)));
    }

    /** From a distribution in which Keycloak itself was changed. The caller closes it. */
    public static KeycloakServer startChanged(ChangedKeycloak changed, String log) {
        return new KeycloakServer(KeycloakDistribution.start(
                distribution(), changed, jar(), directory().resolve(log)));
    }

    /** The same as another one that was started by {@link #startDistribution}, without building it again. */
    static KeycloakServer startAnother(KeycloakServer same, List<String> options, String log) {
        return startCopyOf(((KeycloakDistribution) same.running).home(), options, log);
    }

    /** From the distribution, in production mode. The caller closes it. */
    static KeycloakServer startForProduction(List<String> options, String log) {
        return startForProduction(List.of(jar()), options, log);
    }

    /** The same without the extension. The caller closes it. */
    static KeycloakServer startStockForProduction(List<String> options, String log) {
        return startForProduction(List.of(), options, log);
    }

    private static KeycloakServer startForProduction(List<Path> jars, List<String> options, String log) {
        return new KeycloakServer(KeycloakDistribution.startWith(
                ServerOptions.Mode.PRODUCTION,
                distribution(),
                jars,
                options,
                directory().resolve(log)));
    }

    /** From the distribution, as it is without the extension. The caller closes it, or what is started again from it. */
    public static KeycloakServer startStock(List<String> options, String log) {
        return startWith(List.of(), options, log);
    }

    /** A port that was free a moment ago, for what a server listens to besides. */
    public static int freePort() {
        return ServerOptions.aFreePort();
    }

    /** From the distribution, with these options, the social providers' stubs and all limits. The caller closes it. */
    public static KeycloakServer startWith(SocialHosts hosts, List<String> options, String log) {
        return start(hosts, options, log);
    }

    /** In FIPS mode, with the JARs that it needs, the social providers' stubs and all limits. The caller closes it. */
    public static KeycloakServer startFips(SocialHosts hosts, List<String> options, String log) {
        List<String> all = new ArrayList<>(options);
        all.add("--features=fips");
        all.add("--fips-mode=non-strict");
        all.add(leadingTo(hosts));
        // Keycloak cannot add to Java's own truststore in this mode where that is a JKS, as Debian's is
        all.add("--spi-connections-http-client--default--disable-trust-manager=true");
        try (Stream<Path> jars = Files.list(directory().resolve("fips"))) {
            return startBesides(jars.sorted().toList(), all, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String leadingTo(SocialHosts hosts) {
        return "--spi-connections-http-client--default--proxy-mappings=127\\.0\\.0\\.1;NO_PROXY,.*;" + hosts.proxy();
    }

    /** From the distribution, with the extension and other people's. The caller closes it, or what is started again from it. */
    public static KeycloakServer startBesides(List<Path> foreignJars, List<String> options, String log) {
        return startWith(with(foreignJars), options, log);
    }

    /** The same, with the social providers' stubs. */
    public static KeycloakServer startBesides(
            SocialHosts hosts, List<Path> foreignJars, List<String> options, String log) {
        List<String> all = new ArrayList<>(options);
        all.add(leadingTo(hosts));
        all.add("--truststore-paths=" + hosts.certificate());
        return startBesides(foreignJars, all, log);
    }

    private static KeycloakServer startWith(List<Path> jars, List<String> options, String log) {
        return new KeycloakServer(KeycloakDistribution.startWith(
                ServerOptions.Mode.DEVELOPMENT,
                distribution(),
                jars,
                options,
                directory().resolve(log)));
    }

    private static List<Path> with(List<Path> foreignJars) {
        List<Path> jars = new ArrayList<>(foreignJars);
        jars.add(jar());
        return jars;
    }

    /** The extension is put into the installation that was stopped, and nothing else is changed. */
    public KeycloakServer startAgainWithExtension(String log) {
        return startAgain(List.of(jar()), log);
    }

    /** The same, with other people's extensions. */
    public KeycloakServer startAgainBesides(List<Path> foreignJars, String log) {
        return startAgain(with(foreignJars), log);
    }

    /** The extension is taken out of the installation that was stopped, and nothing else is changed. */
    public KeycloakServer startAgainWithoutExtension(String log) {
        return startAgain(List.of(), log);
    }

    private KeycloakServer startAgain(List<Path> jars, String log) {
        return new KeycloakServer(
                ((KeycloakDistribution) running).startAgain(jars, directory().resolve(log)));
    }

    private static KeycloakServer startCopyOf(Path home, List<String> options, String log) {
        return new KeycloakServer(KeycloakDistribution.start(
                home,
                Path.of(property("extension.jar")),
                "",
                Optional.empty(),
                options,
                directory().resolve(log)));
    }

    /** From an image of the project's {@code Dockerfile}. The caller closes it. */
    static KeycloakServer startBuilt(BuiltImage image, String log) {
        return new KeycloakServer(
                KeycloakInContainer.startBuilt(image.name(), directory().resolve(log)));
    }

    /** Whether tests run on the unpacked distribution, not on the image. */
    public static boolean isDistribution() {
        return property("keycloak.runtime").equals("distribution");
    }

    private static KeycloakServer start(SocialHosts hosts, List<String> more, String log) {
        Optional<DatabaseServer> database = DatabaseServer.startIfAskedFor(directory());
        List<String> options = new ArrayList<>(more);
        database.map(DatabaseServer::keycloakOptions).ifPresent(options::addAll);
        try {
            return new KeycloakServer(run(hosts, options, log), database);
        } catch (RuntimeException | AssertionError e) {
            database.ifPresent(DatabaseServer::close);
            throw e;
        }
    }

    private static RunningKeycloak run(SocialHosts hosts, List<String> more, String log) {
        Path jar = Path.of(property("extension.jar"));
        String runtime = property("keycloak.runtime");
        Path target = directory();
        List<String> options = new ArrayList<>(more);
        options.add(leadingTo(hosts));
        return switch (runtime) {
            case "distribution" ->
                KeycloakDistribution.start(
                        Path.of(property("keycloak.home")),
                        jar,
                        System.getProperty("server.agent", ""),
                        Optional.of(hosts.certificate()),
                        options,
                        target.resolve(log));
            case "container" ->
                KeycloakInContainer.start(
                        property("keycloak.version"), jar, hosts.certificate(), options, target.resolve(log));
            default -> throw new IllegalArgumentException("keycloak.runtime is not one of its values: " + runtime);
        };
    }

    /** Where the build leaves its results. */
    public static Path directory() {
        return Objects.requireNonNull(jar().toAbsolutePath().getParent());
    }

    /** The unpacked stock distribution. */
    public static Path distribution() {
        return Path.of(property("keycloak.home"));
    }

    /** The version of Keycloak that is tested. */
    public static String distributionVersion() {
        return property("keycloak.version");
    }

    /** What is under test. */
    public static Path jar() {
        return Path.of(property("extension.jar"));
    }

    /** Where the server answers: no path but that of {@code --http-relative-path}, and no slash at its end. */
    public URI base() {
        return running.base();
    }

    /** The same for health and metrics. */
    public URI management() {
        return running.management();
    }

    /** The name of the JAR that is tested. */
    public String extensionFileName() {
        return String.valueOf(Path.of(property("extension.jar")).getFileName());
    }

    /** All that the server has logged so far. */
    public String log() {
        return running.log();
    }

    public AdminApi admin() {
        return admin;
    }

    /** The same server, called through a proxy. Closing it closes the server. */
    public KeycloakServer behind(URI front) {
        return new KeycloakServer(new Behind(running, front), database);
    }

    private record Behind(RunningKeycloak running, URI base) implements RunningKeycloak {

        @Override
        public URI management() {
            return running.management();
        }

        @Override
        public String log() {
            return running.log();
        }

        @Override
        public void close() {
            running.close();
        }
    }

    /** Runs statements in the database, which is not the embedded one, and answers what H2's shell prints. */
    public String sql(String statements) {
        DatabaseServer server = database.orElseThrow(
                () -> new IllegalStateException("The embedded database is open to Keycloak alone"));
        return new SqlShell(distribution().toAbsolutePath(), server.jdbcUrl(), server.username(), server.password())
                .run(statements);
    }

    /** A call to an absolute path of the server's host. */
    public Call call(String path) {
        return Call.to(base().resolve(path));
    }

    /** Orderly; its installation and its data stay. Only from the distribution. */
    public void stop() {
        ((KeycloakDistribution) running).stop();
    }

    /** The installation. Only from the distribution. */
    public Path home() {
        return ((KeycloakDistribution) running).home();
    }

    /** Ends it without any order; its installation and its data stay. Only from the distribution. */
    public void kill() {
        ((KeycloakDistribution) running).kill();
    }

    /** The server's own process. Only from the distribution. */
    ProcessHandle process() {
        return ((KeycloakDistribution) running).server();
    }

    /** What its heap holds after a full collection. Only from the distribution. */
    public long liveBytes() {
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            String.valueOf(process().pid()),
                            "GC.class_histogram")
                    .redirectErrorStream(true)
                    .start();
            String histogram = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return histogram
                    .lines()
                    .map(String::strip)
                    .filter(line -> line.startsWith("Total "))
                    .mapToLong(line -> Long.parseLong(line.split(" +")[2]))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("No histogram: " + histogram));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        running.close();
        database.ifPresent(DatabaseServer::close);
    }

    private static String property(String name) {
        String value = System.getProperty(name, "");
        if (value.isBlank()) {
            throw new IllegalStateException("System property " + name + " is not set: run the tests by mvn verify");
        }
        return value;
    }
}
