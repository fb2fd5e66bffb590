package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A partner's OpenID provider, where people also sign in by browser: ID tokens and user info (OpenID Connect Core), access
 * tokens that are opaque or JWTs (RFC 9068), introspection (RFC 7662).
 */
public final class OpenIdProvider extends SocialProvider {

    private static final String BASE_URL = "https://login.partner.example";

    private final ProviderEndpoint jwks;
    private final ProviderEndpoint introspection;
    private final ProviderEndpoint userInfo;

    OpenIdProvider(SocialHosts hosts) {
        super(hosts, "company-at-partner");
        jwks = endpoint(BASE_URL + "/jwks", this::publishedKeys);
        introspection = endpoint(BASE_URL + "/introspect", this::introspected);
        userInfo = endpoint(BASE_URL + "/userinfo", this::profile);
        endpoint(BASE_URL + "/token", this::redeem);
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

    @Override
    Map<String, Object> tokenResponse(Person person, String scope, Optional<String> nonce) {
        Map<String, Object> response = withIdToken(super.tokenResponse(person, scope, nonce), person, nonce);
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
