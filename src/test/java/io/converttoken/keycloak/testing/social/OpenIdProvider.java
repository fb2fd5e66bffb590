// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * A partner's OpenID provider, where people also sign in by browser: ID tokens and user info (OpenID Connect Core), access
 * tokens that are opaque or JWTs (RFC 9068), introspection (RFC 7662).
 */
public final class OpenIdProvider extends SocialProvider {

    private static final String BASE_URL = "https://login.partner.example";

    /** Where a redirect may lead who asks for keys. */
    public static final String MOVED_KEYS = BASE_URL + "/keys/moved";

    private final ProviderEndpoint jwks;
    private final ProviderEndpoint introspection;
    private final ProviderEndpoint userInfo;
    private volatile UnaryOperator<JwtBuilder> claims = UnaryOperator.identity();
    private volatile UnaryOperator<String> form = UnaryOperator.identity();

    OpenIdProvider(SocialHosts hosts) {
        super(hosts, "company-at-partner");
        jwks = endpoint(BASE_URL + "/jwks", this::publishedKeys);
        introspection = endpoint(BASE_URL + "/introspect", this::introspected);
        userInfo = endpoint(BASE_URL + "/userinfo", this::profile);
        endpoint(MOVED_KEYS, this::publishedKeys);
        redeemsCodesAt(BASE_URL + "/token");
    }

    /** The same settings serve Keycloak's own type, and that of OAuth 2. */
    @Override
    public String providerId() {
        return "oidc";
    }

    @Override
    public String issuer() {
        return BASE_URL;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = super.settings();
        settings.put("clientAuthMethod", "client_secret_post");
        settings.put("authorizationUrl", BASE_URL + "/authorize");
        settings.put("tokenUrl", BASE_URL + "/token");
        settings.put("userInfoUrl", BASE_URL + "/userinfo");
        settings.put("tokenIntrospectionUrl", BASE_URL + "/introspect");
        settings.put("issuer", BASE_URL);
        settings.put("jwksUrl", BASE_URL + "/jwks");
        settings.put("useJwksUrl", "true");
        settings.put("validateSignature", "true");
        settings.put("defaultScope", "openid profile email");
        return settings;
    }

    @Override
    public Person newcomer() {
        return Person.unknown();
    }

    @Override
    public Optional<ProviderEndpoint> keys() {
        return Optional.of(jwks);
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of(introspection, userInfo);
    }

    @Override
    public JwtBuilder idToken(Person person) {
        return new JwtBuilder(this, person).audience(clientId()).claims(person.claims());
    }

    /** From here on all that sign in get ID tokens with these claims, in this form, by browser too. */
    public void issuesIdTokens(UnaryOperator<JwtBuilder> otherClaims, UnaryOperator<String> otherForm) {
        claims = otherClaims;
        form = otherForm;
    }

    /** The ID token that the person gets. */
    public String issuedIdToken(Person person) {
        return form.apply(claims.apply(idToken(person)).mint());
    }

    public ProviderEndpoint introspection() {
        return introspection;
    }

    public ProviderEndpoint userInfo() {
        return userInfo;
    }

    /** An opaque one. */
    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return opaque("opaque-", person);
    }

    /** A JWT, as a browser login brings it too. */
    public AccessTokenBuilder jwtAccessToken(Person person) {
        return new AccessTokenBuilder(
                person, clientId(), token -> remember(jwt(token).mint(), token));
    }

    /** A JWT that claims what the test wants; the provider knows it as the person's, issued to us. */
    public String jwtAccessToken(Person person, UnaryOperator<JwtBuilder> changes) {
        AccessToken token =
                new AccessToken(person, person, clientId(), Instant.now().plus(Duration.ofMinutes(5)), false, false);
        return remember(changes.apply(jwt(token)).mint(), token);
    }

    /** The same token in another form, which the provider knows as well. */
    public String knownAs(String form, String token) {
        return remember(form, known(token).orElseThrow());
    }

    @Override
    Map<String, Object> tokenResponse(Person person, String scope, Optional<String> nonce) {
        Map<String, Object> response = super.tokenResponse(person, scope, nonce);
        JwtBuilder idToken = claims.apply(idToken(person));
        nonce.ifPresent(idToken::nonce);
        response.put("id_token", form.apply(idToken.mint()));
        response.put("access_token", jwtAccessToken(person).mint());
        return response;
    }

    private JwtBuilder jwt(AccessToken token) {
        return new JwtBuilder(this, token.person())
                .type("at+jwt")
                .audience("https://api.partner.example")
                .claim("jti", UUID.randomUUID().toString())
                .claim("client_id", token.clientId())
                .claim("scope", "openid profile email")
                .expiresAt(token.expiresAt());
    }

    private Reply introspected(RecordedRequest request) {
        if (!request.clientCredentials().equals(Optional.of(clientId() + ":" + clientSecret()))) {
            return Reply.json(401, Map.of("error", "invalid_client"));
        }
        return Reply.json(
                200,
                alive(request.form().getOrDefault("token", ""))
                        .map(OpenIdProvider::introspection)
                        .orElseGet(() -> Map.of("active", false)));
    }

    private static Map<String, Object> introspection(AccessToken token) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("active", true);
        answer.put("iss", BASE_URL);
        answer.put("sub", token.person().subject());
        answer.put("client_id", token.clientId());
        answer.put("token_type", "Bearer");
        answer.put("scope", "openid profile email");
        answer.put("exp", token.expiresAt().getEpochSecond());
        return answer;
    }

    private Reply profile(RecordedRequest request) {
        return bearer(request)
                .map(token -> Reply.json(200, token.profile().claims()))
                .orElseGet(() -> Reply.json(401, Map.of("error", "invalid_token")));
    }
}
