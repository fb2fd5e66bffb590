// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The demo: a stock Keycloak with the extension and the realms of {@code realm-export/}, in the foreground until it is
 * stopped. Started by {@code mvn -Pdemo} as a single source file, so that no shell is needed.
 */
public final class Demo {

    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

    private final Path keycloakHome;
    private final int port;
    private final String url;
    private final WebSample webSample;

    private Demo(Path keycloakHome, int port, WebSample webSample) {
        this.keycloakHome = keycloakHome;
        this.port = port;
        this.url = "http://localhost:" + port;
        this.webSample = webSample;
    }

    /**
     * The server of the web sample.
     *
     * @param isServed false where npm could not bring its library
     * @param url the address that it has printed, or the one that it would have had
     */
    private record WebSample(Process process, boolean isServed, String url) {

        static WebSample start(String source, String pages, String keycloakUrl, String port) throws IOException {
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            Process process = new ProcessBuilder(java, source, pages, keycloakUrl, port)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String printed = process.inputReader().readLine();
            return new WebSample(process, printed != null, printed == null ? "http://localhost:" + port : printed);
        }

        int port() {
            return URI.create(url).getPort();
        }
    }

    public static void main(String[] args) throws Exception {
        if (args.length != 7) {
            System.err.println("Usage: java Demo.java KEYCLOAK_HOME EXTENSION_JAR REALM_EXPORT_DIRECTORY PORT"
                    + " WEB_SAMPLE_SOURCE WEB_SAMPLE_PAGES WEB_SAMPLE_PORT");
            System.exit(2);
        }
        int port = Integer.parseInt(args[3]);
        refuseTaken(port);
        WebSample webSample = WebSample.start(args[4], args[5], "http://localhost:" + port, args[6]);
        Demo demo = new Demo(Path.of(args[0]), port, webSample);
        demo.install(Path.of(args[1]));
        demo.offerRealms(Path.of(args[2]));
        System.exit(demo.run());
    }

    private static void refuseTaken(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            System.err.println(
                    "Port " + port + " is taken. Choose another: mvn -Pdemo -Dkeycloak.http.port=" + (port + 1));
            System.exit(1);
        }
    }

    private void install(Path jar) throws IOException {
        Path providers = Files.createDirectories(keycloakHome.resolve("providers"));
        deleteFrom(providers, "keycloak-convert-token-*.jar");
        Files.copy(jar, providers.resolve(jar.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** Keycloak imports the realms that it does not have yet, and leaves the others as they are. */
    private void offerRealms(Path realmExport) throws IOException {
        Path imports = Files.createDirectories(keycloakHome.resolve("data/import"));
        deleteFrom(imports, "*.json");
        try (DirectoryStream<Path> realms = Files.newDirectoryStream(realmExport, "*.json")) {
            for (Path realm : realms) {
                Files.copy(realm, imports.resolve(realm.getFileName()));
            }
        }
    }

    private static void deleteFrom(Path directory, String pattern) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, pattern)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    private int run() throws IOException, InterruptedException {
        Process keycloak = start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            webSample.process().destroy();
            stop(keycloak);
        }));
        ProcessHandle.current().parent().ifPresent(maven -> maven.onExit().thenRun(() -> System.exit(1)));
        if (waitUntilReady(keycloak)) {
            System.out.println(greeting());
        }
        return keycloak.waitFor();
    }

    private Process start() throws IOException {
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        ProcessBuilder keycloak = new ProcessBuilder(
                        keycloakHome
                                .resolve(windows ? "bin/kc.bat" : "bin/kc.sh")
                                .toString(),
                        "start-dev",
                        "--import-realm",
                        "--http-port=" + port,
                        "--hostname=" + url,
                        "--db-url=" + databaseUrl())
                .inheritIO();
        Map<String, String> environment = keycloak.environment();
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("KC_BOOTSTRAP_ADMIN_USERNAME", "admin");
        environment.put("KC_BOOTSTRAP_ADMIN_PASSWORD", "admin");
        environment.put("DEMO_URL", url);
        environment.put("DEMO_WEB_URL", webSample.url());
        return keycloak.start();
    }

    /**
     * One database for each pair of ports, because the realms in it name them: in the addresses of the identity provider,
     * and in the clients of the web sample. The settings are those that Keycloak gives its own embedded database, and one by which H2 has written what is answered: an
     * invalidation survives even if the server is killed at once.
     */
    private String databaseUrl() {
        Path file = keycloakHome.toAbsolutePath().resolve("data/h2/demo-" + port + "-" + webSample.port());
        return "jdbc:h2:file:" + file.toString().replace('\\', '/')
                + ";NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0";
    }

    private boolean waitUntilReady(Process keycloak) throws InterruptedException {
        HttpClient http = HttpClient.newHttpClient();
        while (!keycloak.waitFor(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
            if (answers(http, "/realms/social") && answers(http, "/realms/demo")) {
                return true;
            }
        }
        return false;
    }

    private boolean answers(HttpClient http, String path) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Stops the start script and the server behind it, which on Windows do not hear of each other's end. */
    private static void stop(Process keycloak) {
        List<ProcessHandle> processes = Stream.concat(keycloak.descendants(), Stream.of(keycloak.toHandle()))
                .toList();
        processes.forEach(ProcessHandle::destroy);
        try {
            CompletableFuture.allOf(
                            processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                    .get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            processes.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private String greeting() {
        return """

                --------------------------------------------------------------------------------
                Ready. Ctrl-C stops it; the next start keeps the data.

                  Web sample     %2$s
                  Admin console  %1$s/admin/         admin / admin
                  Realm demo     %1$s/realms/demo    the company: clients demo-app, demo-mobile; alice / alice
                  Realm social   %1$s/realms/social  the provider: client demo-company; bob / bob, carol / carol

                Bob signs in at the provider, demo-app converts his ID token, and the realm's own token works:

                BOB=$(curl -s %1$s/realms/social/protocol/openid-connect/token \
                -d client_id=demo-company -d client_secret=demo-company-secret \
                -d grant_type=password -d username=bob -d password=bob -d scope=openid \
                | grep -o '"id_token":"[^"]*' | cut -d'"' -f4)

                OURS=$(curl -s %1$s/realms/demo/auth/convert-token \
                -d client_id=demo-app -d client_secret=demo-app-secret \
                -d grant_type=convert_token -d backend=social -d token=$BOB -d scope=openid); echo "$OURS"

                curl -s %1$s/realms/demo/protocol/openid-connect/userinfo \
                -H "Authorization: Bearer $(echo "$OURS" | grep -o '"access_token":"[^"]*' | cut -d'"' -f4)"
                --------------------------------------------------------------------------------
                """.formatted(url, webSample.isServed() ? webSample.url() : "not served, because it needs npm");
    }
}
