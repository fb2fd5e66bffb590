// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.converttoken.keycloak.testing.social.ConnectProxy;
import io.converttoken.keycloak.testing.social.StubCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.apache.http.Header;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.RequestBuilder;
import org.apache.http.conn.ssl.NoopHostnameVerifier;
import org.apache.http.conn.ssl.TrustAllStrategy;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.ssl.SSLContexts;
import org.apache.http.util.EntityUtils;

/**
 * A proxy in front of a Keycloak, as a company has one: it leads the paths of its hosts to one path of the server, and says
 * on whose behalf it calls. It calls from an address of its own, which a server can trust while it trusts no other one.
 * Browsers reach its hosts by TLS, through {@link #forBrowsers()}; tests need no name and no TLS.
 */
public final class ReverseProxy implements AutoCloseable {

    /** From which the proxy calls. */
    public static final String ADDRESS = "127.0.0.2";

    /** By which a test says from which address a caller calls the proxy. */
    public static final String CALLER = "Test-Caller";

    private static final Set<String> NOT_PASSED_ON =
            Set.of("host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "http2-settings");

    private final HttpServer server;
    private final HttpsServer tlsServer;
    private final ConnectProxy names;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CloseableHttpClient client;
    private final Function<Caller, Map<String, String>> headers;
    private volatile Optional<URI> target = Optional.empty();

    private ReverseProxy(Set<String> hosts, Function<Caller, Map<String, String>> headers) throws IOException {
        this.headers = headers;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        this.tlsServer = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        tlsServer.setHttpsConfigurator(new HttpsConfigurator(
                StubCertificate.forHosts(hosts, KeycloakServer.directory()).context()));
        for (HttpServer listener : List.of(server, tlsServer)) {
            listener.createContext("/", this::pass);
            listener.setExecutor(threads);
            listener.start();
        }
        this.names = ConnectProxy.start(hosts, tlsServer.getAddress(), ConcurrentHashMap.newKeySet(), threads);
        this.client = HttpClients.custom()
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setLocalAddress(InetAddress.getByName(ADDRESS))
                        .build())
                // a company's proxy knows the certificate of the server behind it
                .setSSLContext(trustingAnybody())
                .setSSLHostnameVerifier(NoopHostnameVerifier.INSTANCE)
                .setMaxConnPerRoute(50)
                .setMaxConnTotal(50)
                .disableRedirectHandling()
                .disableContentCompression()
                .disableCookieManagement()
                .disableAutomaticRetries()
                .build();
    }

    private static SSLContext trustingAnybody() {
        try {
            return SSLContexts.custom()
                    .loadTrustMaterial(TrustAllStrategy.INSTANCE)
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Who called the proxy.
     *
     * @param address the caller's
     * @param host the one that the caller asked for
     */
    public record Caller(String address, String host) {}

    /** Starts a proxy that says by these headers on whose behalf it calls. Those that a caller sends are dropped. */
    public static ReverseProxy start(Set<String> hosts, Function<Caller, Map<String, String>> headers) {
        try {
            return new ReverseProxy(hosts, headers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Leads the first part of every path to this address from now on. */
    public void leadTo(URI base) {
        target = Optional.of(base);
    }

    /** The proxy's own address, with the path that it leads on. */
    public URI address(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    /** The proxy by which a browser finds the hosts. */
    public URI forBrowsers() {
        return names.uri();
    }

    private void pass(HttpExchange exchange) throws IOException {
        try (exchange) {
            URI asked = exchange.getRequestURI();
            String path = asked.getRawPath().replaceFirst("^/[^/]*", "");
            String query = asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery();
            RequestBuilder request =
                    RequestBuilder.create(exchange.getRequestMethod()).setUri(target.orElseThrow() + path + query);
            exchange.getRequestHeaders()
                    .forEach((name, values) -> values.stream()
                            .filter(value -> isPassedOn(name))
                            .forEach(value -> request.addHeader(name, value)));
            headers.apply(callerOf(exchange)).forEach(request::setHeader);
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (body.length > 0) {
                request.setEntity(new ByteArrayEntity(body));
            }
            try (CloseableHttpResponse response = client.execute(request.build())) {
                answer(exchange, response);
            }
        }
    }

    private static boolean isPassedOn(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !NOT_PASSED_ON.contains(lower) && !lower.startsWith("x-forwarded-") && !lower.equals("forwarded");
    }

    private static Caller callerOf(HttpExchange exchange) {
        Headers headers = exchange.getRequestHeaders();
        String address = Optional.ofNullable(headers.getFirst(CALLER))
                .orElseGet(() -> exchange.getRemoteAddress().getAddress().getHostAddress());
        return new Caller(address, headers.getFirst("Host"));
    }

    private static void answer(HttpExchange exchange, CloseableHttpResponse response) throws IOException {
        byte[] body = response.getEntity() == null ? new byte[0] : EntityUtils.toByteArray(response.getEntity());
        for (Header header : response.getAllHeaders()) {
            if (!NOT_PASSED_ON.contains(header.getName().toLowerCase(Locale.ROOT))) {
                exchange.getResponseHeaders().add(header.getName(), header.getValue());
            }
        }
        exchange.sendResponseHeaders(response.getStatusLine().getStatusCode(), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        names.close();
        server.stop(0);
        tlsServer.stop(0);
        threads.shutdownNow();
        try {
            client.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
