// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.sun.net.httpserver.HttpServer;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * The outside world: an OpenID provider on loopback with {@code /jwks}, {@code /userinfo} and {@code /introspect}, that
 * mints whatever a test wants to show to Keycloak and misbehaves on demand.
 */
public final class FakeProvider implements TokenIssuer, AutoCloseable {

    /** Our own client id at the provider. */
    public static final String CLIENT_ID = "our-company";

    public static final String CLIENT_SECRET = "our-company-secret-long-enough-for-hmac";

    /** An application that is not ours. */
    public static final String ANOTHER_CLIENT_ID = "another-application";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(FakeProvider::daemon);
    private final Map<String, IssuedToken> issued = new ConcurrentHashMap<>();
    private final List<ProviderEndpoint> endpoints = new CopyOnWriteArrayList<>();
    private final ECKey ecKey = newEcKey();
    private final ProviderEndpoint jwks;
    private final ProviderEndpoint userInfo;
    private final ProviderEndpoint introspection;
    private final ProviderEndpoint logout;
    private volatile RSAKey key = newKey();

    private FakeProvider(HttpServer server) {
        this.server = server;
        this.jwks = endpoint("/jwks", this::publishedKeys);
        this.userInfo = endpoint("/userinfo", this::profile);
        this.introspection = endpoint("/introspect", this::introspected);
        this.logout = endpoint("/logout", request -> new ProviderEndpoint.Reply(204, Map.of(), ""));
    }

    /** What the provider knows of an access token that it issued. */
    record IssuedToken(Map<String, Object> introspection, Map<String, Object> userInfo) {

        boolean isActive() {
            return Boolean.TRUE.equals(introspection.get("active"));
        }
    }

    /** Starts on a free port; the extension hands one out to each test class, others are the caller's to close. */
    public static FakeProvider start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            FakeProvider provider = new FakeProvider(server);
            server.setExecutor(provider.threads);
            server.start();
            return provider;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String issuer() {
        return "http://" + ServerOptions.LOOPBACK + ":" + server.getAddress().getPort();
    }

    public URI uri(String path) {
        return URI.create(issuer() + path);
    }

    public ProviderEndpoint jwks() {
        return jwks;
    }

    public ProviderEndpoint userInfo() {
        return userInfo;
    }

    public ProviderEndpoint introspection() {
        return introspection;
    }

    /** Of an application that plays on the same host: where it hears of ended sessions. */
    public ProviderEndpoint logout() {
        return logout;
    }

    // keys

    @Override
    public RSAKey key() {
        return key;
    }

    /** A P-256 key, published beside the RSA key. */
    public ECKey ecKey() {
        return ecKey;
    }

    /** An RSA key that the provider never published, under the id given. */
    public static RSAKey foreignKey(String kid) {
        return newKey(kid);
    }

    /** Signs by a new key from now on and no longer publishes the former one, which is returned. */
    public RSAKey rotate() {
        RSAKey former = key;
        key = newKey();
        return former;
    }

    @Override
    public String clientSecret() {
        return CLIENT_SECRET;
    }

    // tokens

    /** An ID token for us, good for five minutes, until the builder is told otherwise. */
    public JwtBuilder idToken(Person person) {
        return new JwtBuilder(this, person).audience(CLIENT_ID).claims(person.claims());
    }

    /** An access token of RFC 9068, issued to us by {@code client_id}, for some API. */
    public JwtBuilder accessToken(Person person) {
        return new JwtBuilder(this, person)
                .knownToProvider()
                .type("at+jwt")
                .audience("https://api.provider.example")
                .claim("jti", UUID.randomUUID().toString())
                .claim("client_id", CLIENT_ID)
                .claim("scope", "openid profile email");
    }

    /** An access token as Keycloak issues it: {@code typ} a claim, issued to us by {@code azp}. */
    public JwtBuilder keycloakAccessToken(Person person) {
        return new JwtBuilder(this, person)
                .knownToProvider()
                .audience("account")
                .claim("jti", UUID.randomUUID().toString())
                .claim("typ", "Bearer")
                .claim("azp", CLIENT_ID)
                .claim("scope", "openid profile email")
                .claim("preferred_username", person.username());
    }

    /** An opaque access token, active and issued to us until the builder is told otherwise. */
    public OpaqueTokenBuilder opaqueToken(Person person) {
        return new OpaqueTokenBuilder(this, person);
    }

    /** A token of which the provider knows nothing. */
    public String unknownOpaqueToken() {
        return newOpaqueToken();
    }

    /** The provider ends a token that it issued. */
    public void revoke(String token) {
        issued.computeIfPresent(token, (value, known) -> new IssuedToken(Map.of("active", false), known.userInfo()));
    }

    /** Behaves well again and forgets what it was asked; keys and tokens stay. */
    public void reset() {
        endpoints.forEach(ProviderEndpoint::reset);
    }

    @Override
    public void close() {
        endpoints.forEach(ProviderEndpoint::release);
        server.stop(0);
        threads.shutdownNow();
    }

    static String newOpaqueToken() {
        return "opaque-" + UUID.randomUUID() + "-" + UUID.randomUUID();
    }

    @Override
    public void issue(String token, Map<String, Object> introspectionAnswer, Map<String, Object> profile) {
        issued.put(token, new IssuedToken(new LinkedHashMap<>(introspectionAnswer), new LinkedHashMap<>(profile)));
    }

    private ProviderEndpoint endpoint(String path, Function<RecordedRequest, Reply> normal) {
        ProviderEndpoint endpoint = new ProviderEndpoint(uri(path), normal);
        server.createContext(path, endpoint::handle);
        endpoints.add(endpoint);
        return endpoint;
    }

    private Reply publishedKeys(RecordedRequest request) {
        return Reply.json(200, new JWKSet(List.of(key, ecKey)).toPublicJWKSet().toJSONObject());
    }

    /** RFC 7662, section 2: the asker authenticates; a token that is unknown is just not active. */
    private Reply introspected(RecordedRequest request) {
        if (!request.clientCredentials().equals(Optional.of(CLIENT_ID + ":" + CLIENT_SECRET))) {
            return Reply.json(401, Map.of("error", "invalid_client"));
        }
        IssuedToken known = issued.get(request.form().getOrDefault("token", ""));
        return Reply.json(200, known == null ? Map.of("active", false) : known.introspection());
    }

    private Reply profile(RecordedRequest request) {
        IssuedToken known = issued.get(request.bearer().orElse(""));
        if (known == null || !known.isActive()) {
            return Reply.json(401, Map.of("error", "invalid_token"));
        }
        return Reply.json(200, known.userInfo());
    }

    static RSAKey newKey() {
        return newKey("rsa-" + UUID.randomUUID().toString().substring(0, 8));
    }

    private static RSAKey newKey(String kid) {
        try {
            return new RSAKeyGenerator(2048)
                    .keyID(kid)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.RS256)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A new P-256 key. */
    public static ECKey newEcKey() {
        try {
            return new ECKeyGenerator(Curve.P_256)
                    .keyID("ec-" + UUID.randomUUID().toString().substring(0, 8))
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.ES256)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "fake-provider");
        thread.setDaemon(true);
        return thread;
    }
}
