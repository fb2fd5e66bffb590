// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * LinkedIn, after
 * <a href="https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2">Sign In with
 * LinkedIn</a> and
 * <a href="https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection">token introspection</a>. Its
 * keys have no {@code use}, its ID tokens no nonce.
 */
public final class LinkedIn extends SocialProvider {

    private final ProviderEndpoint discovery;
    private final ProviderEndpoint jwks;
    private final ProviderEndpoint introspection;
    private final ProviderEndpoint userInfo;

    LinkedIn(SocialHosts hosts) {
        super(hosts, "86company");
        discovery = endpoint("https://www.linkedin.com/oauth/.well-known/openid-configuration", this::metadata);
        jwks = endpoint("https://www.linkedin.com/oauth/openid/jwks", this::keys);
        introspection = endpoint("https://www.linkedin.com/oauth/v2/introspectToken", this::introspected);
        userInfo = endpoint("https://api.linkedin.com/v2/userinfo", this::profile);
        redeemsCodesAt("https://www.linkedin.com/oauth/v2/accessToken");
    }

    @Override
    public String providerId() {
        return "linkedin-openid-connect";
    }

    @Override
    public String issuer() {
        return "https://www.linkedin.com/oauth";
    }

    @Override
    public Person newcomer() {
        return Person.unknown().withSubject(newToken("").substring(0, 10));
    }

    @Override
    public Optional<ProviderEndpoint> keys() {
        return Optional.of(jwks);
    }

    public ProviderEndpoint discovery() {
        return discovery;
    }

    public ProviderEndpoint introspection() {
        return introspection;
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of(introspection, userInfo);
    }

    @Override
    public JwtBuilder idToken(Person person) {
        Map<String, Object> claims = claims(person);
        person.emailVerified().putAsTextInto(claims);
        return new JwtBuilder(this, person).audience(clientId()).claims(claims).expiresIn(Duration.ofHours(1));
    }

    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return opaque("AQ", person);
    }

    @Override
    Map<String, Object> tokenResponse(Person person, String scope, Optional<String> nonce) {
        return withIdToken(super.tokenResponse(person, scope, nonce), person, Optional.empty());
    }

    private Reply metadata(RecordedRequest request) {
        return Reply.json(
                200,
                Map.of(
                        "issuer", issuer(),
                        "authorization_endpoint", "https://www.linkedin.com/oauth/v2/authorization",
                        "token_endpoint", "https://www.linkedin.com/oauth/v2/accessToken",
                        "userinfo_endpoint", "https://api.linkedin.com/v2/userinfo",
                        "jwks_uri", "https://www.linkedin.com/oauth/openid/jwks",
                        "response_types_supported", List.of("code"),
                        "subject_types_supported", List.of("pairwise"),
                        "id_token_signing_alg_values_supported", List.of("RS256"),
                        "scopes_supported", List.of("openid", "profile", "email")));
    }

    private Reply keys(RecordedRequest request) {
        RSAKey withoutUse = new RSAKey.Builder(key().toPublicJWK())
                .keyUse(null)
                .algorithm(null)
                .build();
        return Reply.json(200, new JWKSet(withoutUse).toJSONObject());
    }

    private Reply introspected(RecordedRequest request) {
        String value = request.form().getOrDefault("token", "");
        if (!clientId().equals(request.form().get("client_id"))) {
            return Reply.json(400, Map.of("error", "invalid_request"));
        }
        if (!clientSecret().equals(request.form().get("client_secret"))) {
            return Reply.json(401, Map.of("error", "invalid_client"));
        }
        return known(value)
                .map(token -> Reply.json(200, introspection(token)))
                .orElseGet(() -> Reply.json(400, Map.of("error", "invalid_request")));
    }

    /** Of another application's token the asker learns nothing. */
    private Map<String, Object> introspection(AccessToken token) {
        if (!token.clientId().equals(clientId())) {
            return Map.of("active", false);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        long issuedAt = token.expiresAt().minus(Duration.ofDays(60)).getEpochSecond();
        answer.put("active", token.isAlive());
        answer.put("client_id", token.clientId());
        answer.put("authorized_at", issuedAt);
        answer.put("created_at", issuedAt);
        answer.put("status", token.isRevoked() ? "revoked" : token.isExpired() ? "expired" : "active");
        answer.put("expires_at", token.expiresAt().getEpochSecond());
        answer.put("scope", "email,openid,profile");
        answer.put("auth_type", token.isOfTheApplication() ? "2L" : "3L");
        return answer;
    }

    private Reply profile(RecordedRequest request) {
        return bearer(request)
                .map(token -> Reply.json(200, claims(token.profile())))
                .orElseGet(() -> Reply.json(
                        401, Map.of("status", 401, "serviceErrorCode", 65600, "code", "INVALID_ACCESS_TOKEN")));
    }

    private static Map<String, Object> claims(Person person) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("sub", person.subject());
        claims.put("name", fullName(person));
        claims.put("given_name", person.givenName());
        claims.put("family_name", person.familyName());
        claims.put("picture", "https://media.licdn-ei.com/dms/image/picture");
        claims.put("locale", "en-US");
        claims.put("email", person.email());
        person.emailVerified().putInto(claims);
        return claims;
    }
}
