// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import io.converttoken.keycloak.testing.TokenIssuer;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A social provider as it presents itself to our application: where people sign in, what tokens it issues, and how it
 * answers about them. Each subclass cites the documentation that its payloads are taken from.
 */
public abstract class SocialProvider implements TokenIssuer {

    private final SocialHosts hosts;
    private final String clientId;
    private @Nullable ProviderEndpoint tokenEndpoint;
    private final Map<String, AccessToken> accessTokens = new ConcurrentHashMap<>();
    private final Map<String, Authorization> codes = new ConcurrentHashMap<>();
    private final RSAKey key = FakeProvider.foreignKey("key-" + UUID.randomUUID());

    SocialProvider(SocialHosts hosts, String clientId) {
        this.hosts = hosts;
        this.clientId = clientId;
    }

    /** Keycloak's type of the identity provider. */
    public abstract String providerId();

    /** Somebody whom no realm has seen, with an id as the provider gives them out. */
    public abstract Person newcomer();

    /** An access token for us. */
    public abstract AccessTokenBuilder accessToken(Person person);

    /** Where a conversion of an access token asks, in this order. */
    public abstract List<ProviderEndpoint> verificationEndpoints();

    /** Where the keys of its ID tokens are. */
    public Optional<ProviderEndpoint> keys() {
        return Optional.empty();
    }

    /** An ID token for us, good for as long as the provider's are. */
    public JwtBuilder idToken(Person person) {
        throw new UnsupportedOperationException(providerId() + " has no ID tokens");
    }

    /** The settings of an identity provider in Keycloak. */
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("clientId", clientId);
        settings.put("clientSecret", clientSecret());
        settings.put("syncMode", "IMPORT");
        return settings;
    }

    /** The id that Keycloak stores for the person after a browser login. */
    public String storedId(Person person) {
        return person.subject();
    }

    public String clientId() {
        return clientId;
    }

    /** An application of somebody else's at the same provider. */
    public String anotherClientId() {
        return "another-" + clientId;
    }

    @Override
    public String clientSecret() {
        return "secret-of-" + clientId + "-long-enough-for-hmac";
    }

    @Override
    public String issuer() {
        throw new UnsupportedOperationException(providerId() + " has no issuer");
    }

    @Override
    public RSAKey key() {
        return key;
    }

    @Override
    public void issue(String token, Map<String, Object> introspectionAnswer, Map<String, Object> profile) {
        throw new UnsupportedOperationException("access tokens are made by accessToken()");
    }

    /** Provider side of a browser login: the person agrees, and the browser is sent back with a code. */
    public final URI signIn(URI authorizationRequest, Person person) {
        Map<String, String> query = RecordedRequest.queryParameters(authorizationRequest);
        if (!clientId.equals(query.get("client_id")) || !"code".equals(query.get("response_type"))) {
            throw new AssertionError("Not a request of ours: " + authorizationRequest);
        }
        String code = UUID.randomUUID().toString();
        String redirectUri = query.getOrDefault("redirect_uri", "");
        Authorization authorization = new Authorization(
                person,
                clientId,
                Optional.of(redirectUri),
                query.getOrDefault("scope", ""),
                Optional.ofNullable(query.get("nonce")),
                Optional.ofNullable(query.get("code_challenge")),
                response -> {});
        codes.put(code, authorization);
        return URI.create(redirectUri + "?code=" + code + "&state=" + encoded(query.getOrDefault("state", "")));
    }

    final ProviderEndpoint endpoint(String url, Function<RecordedRequest, Reply> normal) {
        return hosts.endpoint(url, normal);
    }

    /** A code as the SDK of this provider hands it to our app, which asked for it without a browser of ours. */
    public CodeBuilder code(Person person) {
        Authorization authorization = new Authorization(
                person, clientId, Optional.empty(), "openid email", Optional.empty(), Optional.empty(), response -> {});
        return new CodeBuilder(authorization, codes::put);
    }

    /** Where codes are redeemed. */
    public final ProviderEndpoint tokenEndpoint() {
        return Objects.requireNonNull(tokenEndpoint, "no code is redeemed there");
    }

    final void redeemsCodesAt(String url) {
        tokenEndpoint = endpoint(url, this::redeem);
    }

    /** RFC 6749, section 4.1.3. */
    private Reply redeem(RecordedRequest request) {
        String redeemer = request.clientCredentials().orElse(":").replaceFirst(":.*", "");
        if (!isAuthenticated(request, redeemer)) {
            return Reply.json(400, Map.of("error", "invalid_client"));
        }
        Authorization authorization = codes.remove(request.form().getOrDefault("code", ""));
        if (authorization == null || !authorization.clientId().equals(redeemer)) {
            return badCode("invalid_grant");
        }
        if (!authorization
                .redirectUri()
                .equals(Optional.ofNullable(request.form().get("redirect_uri")))) {
            return badCode("redirect_uri_mismatch");
        }
        if (!authorization.isVerifiedBy(Optional.ofNullable(request.form().get("code_verifier")))) {
            return badCode("invalid_grant");
        }
        Map<String, Object> response = tokenResponse(authorization);
        authorization.change().accept(response);
        return Reply.json(200, response);
    }

    boolean isAuthenticated(RecordedRequest request, String redeemer) {
        return request.clientCredentials().equals(Optional.of(clientId + ":" + clientSecret()));
    }

    /** What is wrong with a code, in the provider's form. */
    Reply badCode(String error) {
        return Reply.json(400, Map.of("error", error, "error_description", "Bad Request"));
    }

    Map<String, Object> tokenResponse(Authorization authorization) {
        return tokenResponse(authorization.person(), authorization.scope(), authorization.nonce());
    }

    Map<String, Object> tokenResponse(Person person, String scope, Optional<String> nonce) {
        Map<String, Object> response = new LinkedHashMap<>();
        response.put("access_token", accessToken(person).mint());
        response.put("token_type", "Bearer");
        response.put("expires_in", 3600);
        response.put("scope", scope);
        return response;
    }

    /** The response of an OpenID provider: its ID token carries the nonce of the request. */
    final Map<String, Object> withIdToken(Map<String, Object> response, Person person, Optional<String> nonce) {
        JwtBuilder idToken = idToken(person);
        nonce.ifPresent(idToken::nonce);
        response.put("id_token", idToken.mint());
        return response;
    }

    final Reply publishedKeys(RecordedRequest request) {
        return Reply.json(200, new JWKSet(key).toPublicJWKSet().toJSONObject());
    }

    /** A builder of opaque tokens that start like this provider's. */
    final AccessTokenBuilder opaque(String prefix, Person person) {
        return new AccessTokenBuilder(person, clientId, token -> remember(newToken(prefix), token));
    }

    static String newToken(String prefix) {
        return prefix + (UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", "");
    }

    final String remember(String value, AccessToken token) {
        accessTokens.put(value, token);
        return value;
    }

    final Optional<AccessToken> known(String value) {
        return Optional.ofNullable(accessTokens.get(value));
    }

    final Optional<AccessToken> alive(String value) {
        return known(value).filter(AccessToken::isAlive);
    }

    /** The token that the request carries by RFC 6750, where it is alive. */
    final Optional<AccessToken> bearer(RecordedRequest request) {
        return request.bearer().flatMap(this::alive);
    }

    static String fullName(Person person) {
        return person.givenName() + " " + person.familyName();
    }

    /** A number of so many digits that does not start with a zero. */
    static String newNumber(int digits) {
        StringBuilder number = new StringBuilder();
        number.append(1 + ThreadLocalRandom.current().nextInt(9));
        while (number.length() < digits) {
            number.append(ThreadLocalRandom.current().nextInt(10));
        }
        return number.toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
