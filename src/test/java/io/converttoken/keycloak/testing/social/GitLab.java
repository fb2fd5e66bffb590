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
 * GitLab.com, after <a href="https://docs.gitlab.com/integration/openid_connect_provider/">its ID tokens</a>,
 * <a href="https://docs.gitlab.com/api/oauth2/">token information</a> and
 * <a href="https://docs.gitlab.com/api/users/">the current user</a>. ID tokens live for two minutes.
 */
public final class GitLab extends SocialProvider {

    private final ProviderEndpoint jwks;
    private final ProviderEndpoint tokenInfo;
    private final ProviderEndpoint user;

    GitLab(SocialHosts hosts) {
        super(hosts, "1cb2company");
        jwks = endpoint("https://gitlab.com/oauth/discovery/keys", this::publishedKeys);
        tokenInfo = endpoint("https://gitlab.com/oauth/token/info", this::info);
        user = endpoint("https://gitlab.com/api/v4/user", this::profile);
        redeemsCodesAt("https://gitlab.com/oauth/token");
    }

    @Override
    public String providerId() {
        return "gitlab";
    }

    @Override
    public String issuer() {
        return "https://gitlab.com";
    }

    @Override
    public Person newcomer() {
        return Person.unknown().withSubject(newNumber(8));
    }

    @Override
    public Optional<ProviderEndpoint> keys() {
        return Optional.of(jwks);
    }

    public ProviderEndpoint user() {
        return user;
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of(tokenInfo, user);
    }

    @Override
    public JwtBuilder idToken(Person person) {
        Map<String, Object> said = new LinkedHashMap<>();
        person.emailVerified().putInto(said);
        return new JwtBuilder(this, person)
                .audience(clientId())
                .claims(said)
                .claim("auth_time", Instant.now().getEpochSecond())
                .claim("sub_legacy", newToken(""))
                .claim("email", person.email())
                .claim("groups_direct", List.of("company"))
                .expiresIn(Duration.ofMinutes(2));
    }

    /** What userinfo tells in it, too, should GitLab come to put it there. */
    public JwtBuilder idTokenWithProfile(Person person) {
        return idToken(person)
                .claim("name", fullName(person))
                .claim("nickname", person.username())
                .claim("preferred_username", person.username());
    }

    /**
     * As a <a href="https://docs.gitlab.com/ci/secrets/id_token_authentication/">CI/CD job</a> of anybody's project gets it
     * for the audience that the job names, ours; signed by a key of the same set.
     */
    public JwtBuilder idTokenOfJob(Person owner) {
        String project = owner.username() + "/project";
        return new JwtBuilder(this, owner)
                .audience(clientId())
                .subject("project_path:" + project + ":ref_type:branch:ref:main")
                .notBefore(Instant.now().minusSeconds(5))
                .claim("jti", newToken(""))
                .claim("namespace_path", owner.username())
                .claim("project_path", project)
                .claim("user_id", owner.subject())
                .claim("user_login", owner.username())
                .claim("user_email", owner.email())
                .claim("pipeline_source", "push")
                .claim("job_id", newNumber(10))
                .claim("ref", "main")
                .claim("ref_type", "branch")
                .expiresIn(Duration.ofHours(1));
    }

    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return opaque("", person);
    }

    @Override
    Map<String, Object> tokenResponse(Person person, String scope, Optional<String> nonce) {
        return withIdToken(super.tokenResponse(person, scope, nonce), person, nonce);
    }

    /** Answers for the token of any application. */
    private Reply info(RecordedRequest request) {
        return bearer(request).map(token -> Reply.json(200, info(token))).orElseGet(GitLab::unauthorized);
    }

    private static Map<String, Object> info(AccessToken token) {
        long remaining = Duration.between(Instant.now(), token.expiresAt()).toSeconds();
        Map<String, Object> info = new LinkedHashMap<>();
        info.put(
                "resource_owner_id",
                token.isOfTheApplication()
                        ? null
                        : Long.parseLong(token.person().subject()));
        info.put("scope", List.of("openid", "read_user"));
        info.put("expires_in", remaining);
        info.put("application", Map.of("uid", token.clientId()));
        info.put("created_at", Instant.now().getEpochSecond());
        info.put("scopes", List.of("openid", "read_user"));
        info.put("expires_in_seconds", remaining);
        return info;
    }

    private Reply profile(RecordedRequest request) {
        return bearer(request)
                .map(token -> Reply.json(200, profile(token.profile())))
                .orElseGet(GitLab::unauthorized);
    }

    private static Map<String, Object> profile(Person person) {
        Map<String, Object> profile = new LinkedHashMap<>();
        profile.put("id", Long.parseLong(person.subject()));
        profile.put("username", person.username());
        profile.put("name", fullName(person));
        profile.put("state", "active");
        profile.put("confirmed_at", person.emailVerified().isDenied() ? null : "2012-05-23T09:05:22.000Z");
        profile.put("email", person.email());
        return profile;
    }

    private static Reply unauthorized() {
        return Reply.json(
                401,
                Map.of(
                        "error", "invalid_token",
                        "error_description", "The access token is invalid",
                        "state", "unauthorized"));
    }
}
