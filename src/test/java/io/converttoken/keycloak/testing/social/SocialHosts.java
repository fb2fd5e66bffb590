// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The social providers on loopback: a proxy that Keycloak's HTTP client sends everything through, and behind it one TLS
 * server that plays every host. No request gets to the network; a host that nobody plays is refused and remembered.
 */
public final class SocialHosts implements AutoCloseable {

    private final ExecutorService threads = Executors.newCachedThreadPool(SocialHosts::daemon);
    private final Map<String, ProviderEndpoint> endpoints = new ConcurrentHashMap<>();
    private final Set<String> strangers = ConcurrentHashMap.newKeySet();
    private final Map<Class<?>, SocialProvider> providers = new LinkedHashMap<>();
    private final HttpsServer server;
    private final ConnectProxy proxy;
    private final StubCertificate certificate;

    private SocialHosts(Path directory) throws IOException {
        List.<Function<SocialHosts, SocialProvider>>of(
                        Google::new,
                        Apple::new,
                        Facebook::new,
                        GitHub::new,
                        GitHubEnterprise::new,
                        Microsoft::new,
                        LinkedIn::new,
                        GitLab::new,
                        Bitbucket::new,
                        PayPal::new,
                        StackOverflow::new,
                        OpenShift::new,
                        Instagram::new,
                        OpenIdProvider::new)
                .forEach(stub -> {
                    SocialProvider provider = stub.apply(this);
                    providers.put(provider.getClass(), provider);
                });
        certificate = StubCertificate.forHosts(hosts(), directory);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
        proxy = ConnectProxy.start(hosts(), server.getAddress(), strangers, threads);
    }

    /** Starts on free ports; the certificate is written to a new file in the directory. */
    public static SocialHosts start(Path directory) {
        try {
            return new SocialHosts(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The proxy that leads to the providers. */
    public URI proxy() {
        return proxy.uri();
    }

    /** The certificate that the TLS server shows, as PEM. */
    public Path certificate() {
        return certificate.pem();
    }

    /** A provider's stub. */
    public <T extends SocialProvider> T get(Class<T> type) {
        return Objects.requireNonNull(type.cast(providers.get(type)));
    }

    /** How many requests came in since the last reset, to whichever host. */
    public int requestCount() {
        return endpoints.values().stream()
                .mapToInt(ProviderEndpoint::requestCount)
                .sum();
    }

    /** Hosts that were asked for and that nobody plays. */
    public Set<String> strangers() {
        return Set.copyOf(strangers);
    }

    /** Everybody behaves well again and forgets what was asked; keys and tokens stay. */
    public void reset() {
        endpoints.values().forEach(ProviderEndpoint::reset);
        strangers.clear();
    }

    @Override
    public void close() {
        endpoints.values().forEach(ProviderEndpoint::release);
        proxy.close();
        server.stop(0);
        threads.shutdownNow();
    }

    ProviderEndpoint endpoint(String url, Function<RecordedRequest, Reply> normal) {
        URI uri = URI.create(url);
        ProviderEndpoint endpoint = new ProviderEndpoint(uri, normal);
        endpoints.put(uri.getHost() + uri.getPath(), endpoint);
        return endpoint;
    }

    private Set<String> hosts() {
        return endpoints.values().stream()
                .map(endpoint -> endpoint.uri().getHost())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void answer(HttpExchange exchange) throws IOException {
        String host = exchange.getRequestHeaders().getFirst("Host").replaceFirst(":443$", "");
        String address = host + exchange.getRequestURI().getPath();
        ProviderEndpoint endpoint = endpoints.get(address);
        if (endpoint == null) {
            strangers.add(address);
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
            return;
        }
        endpoint.handle(exchange);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "social-hosts");
        thread.setDaemon(true);
        return thread;
    }
}
