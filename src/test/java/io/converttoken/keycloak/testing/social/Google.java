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

/**
 * Google, after <a href="https://developers.google.com/identity/openid-connect/reference">OpenID Connect reference</a>,
 * <a href="https://developers.google.com/identity/gsi/web/reference/js-reference">credential</a> and, for tokeninfo, the
 * <a href="https://cloud.google.com/nodejs/docs/reference/google-auth-library/latest">TokenInfo</a> of its own library.
 */
public final class Google extends SocialProvider {

    private final ProviderEndpoint jwks;
    private final ProviderEndpoint revocation;
    private final ProviderEndpoint tokenInfo;
    private final ProviderEndpoint userInfo;

    Google(SocialHosts hosts) {
        super(hosts, "1-web.apps.googleusercontent.com");
        jwks = endpoint("https://www.googleapis.com/oauth2/v3/certs", this::publishedKeys);
        tokenInfo = endpoint("https://oauth2.googleapis.com/tokeninfo", this::info);
        userInfo = endpoint("https://openidconnect.googleapis.com/v1/userinfo", this::profile);
        redeemsCodesAt("https://oauth2.googleapis.com/token");
        revocation = endpoint("https://oauth2.googleapis.com/revoke", request -> Reply.json(200, Map.of()));
    }

    @Override
    public String providerId() {
        return "google";
    }

    @Override
    public String issuer() {
        return "https://accounts.google.com";
    }

    @Override
    public Person newcomer() {
        return Person.unknown().withSubject(newNumber(21));
    }

    @Override
    public Optional<ProviderEndpoint> keys() {
        return Optional.of(jwks);
    }

    public ProviderEndpoint revocation() {
        return revocation;
    }

    public ProviderEndpoint tokenInfo() {
        return tokenInfo;
    }

    public ProviderEndpoint userInfo() {
        return userInfo;
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of(tokenInfo, userInfo);
    }

    @Override
    public JwtBuilder idToken(Person person) {
        return new JwtBuilder(this, person)
                .audience(clientId())
                .azp(clientId())
                .claims(claims(person))
                .expiresIn(Duration.ofHours(1));
    }

    /** The serverAuthCode of an Android or iOS app. */
    @Override
    public CodeBuilder code(Person person) {
        return super.code(person).redirectingTo("");
    }

    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return opaque("ya29.", person);
    }

    /** A service account of somebody's project: its own id is the client id of its tokens. */
    public Person serviceAccount() {
        return Person.unknown().withSubject(newNumber(21)).withEmail("robot@project.iam.gserviceaccount.com");
    }

    /**
     * As <a href="https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateIdToken">
     * generateIdToken</a> makes it for the audience that it is asked for, ours.
     */
    public JwtBuilder idTokenOfServiceAccount(Person account) {
        return new JwtBuilder(this, account)
                .audience(clientId())
                .azp(account.subject())
                .claim("email", account.email())
                .claim("email_verified", true)
                .expiresIn(Duration.ofHours(1));
    }

    @Override
    Map<String, Object> tokenResponse(Person person, String scope, Optional<String> nonce) {
        Map<String, Object> response = super.tokenResponse(person, scope, nonce);
        response.put("refresh_token", refreshToken(person));
        return withIdToken(response, person, nonce);
    }

    /** The refresh token that the person's sign-in gives us. */
    public String refreshToken(Person person) {
        return "1//" + person.subject() + "-refresh-token-of-google";
    }

    /** Answers for the token of any application; every value is text. */
    private Reply info(RecordedRequest request) {
        return alive(request.queryParameters().getOrDefault("access_token", ""))
                .map(token -> Reply.json(200, info(token)))
                .orElseGet(
                        () -> Reply.json(400, Map.of("error", "invalid_token", "error_description", "Invalid Value")));
    }

    private static Map<String, Object> info(AccessToken token) {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("azp", token.clientId());
        info.put("aud", token.clientId());
        info.put("sub", token.person().subject());
        info.put("scope", "openid https://www.googleapis.com/auth/userinfo.email");
        info.put("exp", Long.toString(token.expiresAt().getEpochSecond()));
        info.put(
                "expires_in",
                Long.toString(token.expiresAt().getEpochSecond() - Instant.now().getEpochSecond()));
        info.put("email", token.person().email());
        token.person().emailVerified().putAsTextInto(info);
        info.put("access_type", "online");
        return info;
    }

    private Reply profile(RecordedRequest request) {
        return bearer(request)
                .map(token -> Reply.json(200, claims(token.profile())))
                .orElseGet(() -> Reply.json(401, Map.of("error", "invalid_request")));
    }

    private static Map<String, Object> claims(Person person) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("sub", person.subject());
        claims.put("name", fullName(person));
        claims.put("given_name", person.givenName());
        claims.put("family_name", person.familyName());
        claims.put("picture", "https://lh3.googleusercontent.com/a/picture");
        claims.put("email", person.email());
        person.emailVerified().putInto(claims);
        return claims;
    }
}
