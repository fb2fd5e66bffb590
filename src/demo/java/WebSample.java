// SPDX-License-Identifier: Apache-2.0
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Serves the web sample on an origin of its own, so that the browser asks Keycloak for its permission as it does for any
 * browser app. npm brings the sample's library when it is not there yet. The server ends together with the process that
 * has started it.
 */
public final class WebSample {

    /** The address of Keycloak in the pages. */
    private static final String CONFIGURED_ADDRESS = "http://localhost:8000";

    private static final String LIBRARIES = "node_modules";
    private static final int PORTS_TO_TRY = 100;

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "map", "application/json",
            "svg", "image/svg+xml");

    private final Path pages;
    private final String keycloak;

    private WebSample(Path pages, String keycloak) {
        this.pages = pages.toAbsolutePath().normalize();
        this.keycloak = keycloak;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 3) {
            System.err.println("Usage: java WebSample.java PAGES KEYCLOAK_URL PORT");
            System.exit(2);
        }
        WebSample sample = new WebSample(Path.of(args[0]), args[1]);
        if (!sample.hasLibraries() && !sample.installLibraries()) {
            System.err.println("The web sample is not served, because npm could not bring its library.");
            System.exit(1);
        }
        HttpServer server = onFreePort(Integer.parseInt(args[2]));
        server.createContext("/", sample::answer);
        server.start();
        ProcessHandle.current().parent().ifPresent(starter -> starter.onExit().thenRun(() -> System.exit(0)));
        System.out.println("http://localhost:" + server.getAddress().getPort());
    }

    private boolean hasLibraries() {
        return Files.isDirectory(pages.resolve(LIBRARIES).resolve("oidc-client-ts"));
    }

    private boolean installLibraries() throws InterruptedException {
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        ProcessBuilder npm = new ProcessBuilder(
                        windows ? "npm.cmd" : "npm",
                        "install",
                        "--prefix",
                        pages.toString(),
                        "--no-package-lock",
                        "--ignore-scripts",
                        "--no-audit",
                        "--no-fund",
                        "--fetch-retries=1",
                        "--loglevel=error")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        try {
            return npm.start().waitFor() == 0 && hasLibraries();
        } catch (IOException e) {
            return false; // there is no npm
        }
    }

    /** On the port, or on the next one that is free. Port 0 stands for any free one. */
    private static HttpServer onFreePort(int first) throws IOException {
        for (int port = first; port < first + PORTS_TO_TRY; port++) {
            try {
                return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            } catch (BindException e) {
                // taken: the next one
            }
        }
        throw new BindException("No port is free from " + first + " on");
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            Path file = pages.resolve(path.equals("/") ? "index.html" : path.substring(1))
                    .normalize();
            String type = TYPES.get(extensionOf(file));
            if (!file.startsWith(pages) || type == null || !Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Type", type);
            headers.set("Cache-Control", "no-store");
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("Content-Security-Policy", "frame-ancestors 'none'");
            byte[] content = contentOf(file);
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
        }
    }

    private static String extensionOf(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private byte[] contentOf(Path file) throws IOException {
        if (file.startsWith(pages.resolve(LIBRARIES))) {
            return Files.readAllBytes(file);
        }
        return Files.readString(file).replace(CONFIGURED_ADDRESS, keycloak).getBytes(StandardCharsets.UTF_8);
    }
}
