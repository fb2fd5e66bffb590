// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Facebook, after <a href="https://developers.facebook.com/docs/graph-api/reference/debug_token">debug_token</a>,
 * <a href="https://developers.facebook.com/docs/graph-api/securing-requests">appsecret_proof</a> and
 * <a href="https://developers.facebook.com/docs/facebook-login/limited-login/token">Limited Login's token</a>. User ids are
 * of one app each.
 */
public final class Facebook extends SocialProvider {

    private final ProviderEndpoint jwks;
    private final ProviderEndpoint debugToken;
    private final ProviderEndpoint me;

    Facebook(SocialHosts hosts) {
        super(hosts, "1234567890");
        jwks = endpoint("https://limited.facebook.com/.well-known/oauth/openid/jwks/", this::publishedKeys);
        debugToken = endpoint("https://graph.facebook.com/debug_token", this::debug);
        me = endpoint("https://graph.facebook.com/me", this::profile);
        redeemsCodesAt("https://graph.facebook.com/oauth/access_token");
    }

    @Override
    public String providerId() {
        return "facebook";
    }

    @Override
    public String issuer() {
        return "https://www.facebook.com";
    }

    @Override
    public Person newcomer() {
        return Person.unknown().withSubject(newNumber(17));
    }

    @Override
    public Optional<ProviderEndpoint> keys() {
        return Optional.of(jwks);
    }

    /** Where the person's permissions are taken back. */
    public ProviderEndpoint permissionsOf(Person person) {
        return endpoint(
                "https://graph.facebook.com/" + person.subject() + "/permissions",
                request -> request.method().equals("DELETE")
                                && request.bearer().equals(Optional.of(clientId() + "|" + clientSecret()))
                        ? new Reply(200, Map.of("Content-Type", "application/json"), "true")
                        : Reply.json(400, error(190, "Invalid OAuth access token.")));
    }

    public ProviderEndpoint debugToken() {
        return debugToken;
    }

    public ProviderEndpoint me() {
        return me;
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of(debugToken, me);
    }

    @Override
    public JwtBuilder idToken(Person person) {
        return new JwtBuilder(this, person)
                .audience(clientId())
                .claim("jti", newToken(""))
                .claim("email", person.email())
                .claim("name", fullName(person))
                .claim("given_name", person.givenName())
                .claim("family_name", person.familyName())
                .claim("picture", "https://platform-lookaside.fbsbx.com/platform/profilepic/")
                .expiresIn(Duration.ofHours(1));
    }

    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return opaque("EAA", person);
    }

    /** As an app gets it that asks for scope openid. */
    @Override
    Map<String, Object> tokenResponse(Authorization authorization) {
        Map<String, Object> response = super.tokenResponse(authorization);
        return authorization.scope().contains("openid")
                ? withIdToken(response, authorization.person(), authorization.nonce())
                : response;
    }

    /** In Graph's form, where the code of the error says little. */
    @Override
    Reply badCode(String error) {
        return Reply.json(
                400,
                error.equals("invalid_grant")
                        ? error(100, "This authorization code has been used.")
                        : error(191, "Invalid redirect URI"));
    }

    private Reply debug(RecordedRequest request) {
        if (!request.bearer().equals(Optional.of(clientId() + "|" + clientSecret()))) {
            return Reply.json(400, error(190, "Invalid OAuth access token signature."));
        }
        String value = request.queryParameters().getOrDefault("input_token", "");
        return known(value)
                .map(this::debug)
                .orElseGet(() -> Reply.json(200, Map.of("data", dead("Cannot parse access token"))));
    }

    private Reply debug(AccessToken token) {
        if (!token.clientId().equals(clientId())) {
            return Reply.json(400, error(100, "(#100) The App_id in the input_token did not match the Viewing App"));
        }
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("app_id", token.clientId());
        data.put("type", token.isOfTheApplication() ? "APP" : "USER");
        data.put("application", "Demo");
        data.put(
                "data_access_expires_at",
                Instant.now().plus(Duration.ofDays(90)).getEpochSecond());
        data.put("expires_at", token.expiresAt().getEpochSecond());
        data.put("is_valid", token.isAlive());
        data.put("scopes", List.of("email", "public_profile"));
        if (!token.isOfTheApplication()) {
            data.put("user_id", token.person().subject());
        }
        if (!token.isAlive()) {
            data.putAll(dead("Error validating access token"));
        }
        return Reply.json(200, Map.of("data", data));
    }

    private static Map<String, Object> dead(String message) {
        return Map.of("is_valid", false, "error", Map.of("code", 190, "message", message), "scopes", List.of());
    }

    private Reply profile(RecordedRequest request) {
        Optional<AccessToken> token = bearer(request);
        if (token.isEmpty()) {
            return Reply.json(400, error(190, "Error validating access token"));
        }
        String proof = request.queryParameters().get("appsecret_proof");
        if (proof != null && !isProof(proof, request.bearer().orElse(""), token.get())) {
            return Reply.json(400, error(100, "Invalid appsecret_proof provided in the API argument"));
        }
        return Reply.json(200, profile(token.get()));
    }

    private Map<String, Object> profile(AccessToken token) {
        Person person = token.profile();
        Map<String, Object> profile = new LinkedHashMap<>();
        profile.put("id", token.clientId().equals(clientId()) ? person.subject() : "99" + person.subject());
        profile.put("name", fullName(person));
        profile.put("email", person.email());
        profile.put("first_name", person.givenName());
        profile.put("last_name", person.familyName());
        return profile;
    }

    /** HMAC of the token by the secret of the app that it was issued to. */
    private boolean isProof(String proof, String value, AccessToken token) {
        return token.clientId().equals(clientId()) && proof.equals(hmac(value));
    }

    private String hmac(String value) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(clientSecret().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(value.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> error(int code, String message) {
        return Map.of("error", Map.of("message", message, "type", "OAuthException", "code", code, "fbtrace_id", "Ax"));
    }
}
