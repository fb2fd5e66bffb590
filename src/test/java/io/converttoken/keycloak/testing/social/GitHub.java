// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * GitHub, after <a href="https://docs.github.com/en/rest/apps/oauth-applications#check-a-token">check a token</a>,
 * <a href="https://docs.github.com/en/rest/users/users#get-the-authenticated-user">the authenticated user</a> and
 * <a href="https://docs.github.com/en/rest/users/emails">their e-mail addresses</a>, which the profile keeps private.
 */
public class GitHub extends SocialProvider {

    private final ProviderEndpoint check;
    private final ProviderEndpoint user;
    private final ProviderEndpoint emails;

    GitHub(SocialHosts hosts) {
        this(hosts, "Iv1.company", "https://github.com", "https://api.github.com");
    }

    GitHub(SocialHosts hosts, String clientId, String baseUrl, String apiUrl) {
        super(hosts, clientId);
        check = endpoint(apiUrl + "/applications/" + clientId + "/token", this::checked);
        user = endpoint(apiUrl + "/user", this::profile);
        emails = endpoint(apiUrl + "/user/emails", this::addresses);
        redeemsCodesAt(baseUrl + "/login/oauth/access_token");
    }

    @Override
    public String providerId() {
        return "github";
    }

    @Override
    public Person newcomer() {
        return Person.unknown().withSubject(newNumber(8));
    }

    public ProviderEndpoint check() {
        return check;
    }

    public ProviderEndpoint user() {
        return user;
    }

    public ProviderEndpoint emails() {
        return emails;
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of(check, user, emails);
    }

    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return opaque("gho_", person);
    }

    /** Knows only tokens of the application that asks. */
    private Reply checked(RecordedRequest request) {
        if (!request.clientCredentials().equals(Optional.of(clientId() + ":" + clientSecret()))) {
            return Reply.json(401, Map.of("message", "Bad credentials"));
        }
        return alive(request.json().path("access_token").asText())
                .filter(token -> token.clientId().equals(clientId()) && !token.isOfTheApplication())
                .map(token -> Reply.json(200, grant(token)))
                .orElseGet(() -> Reply.json(404, Map.of("message", "Not Found")));
    }

    private static Map<String, Object> grant(AccessToken token) {
        Map<String, Object> grant = new LinkedHashMap<>();
        grant.put("id", 1);
        grant.put("url", "https://api.github.com/authorizations/1");
        grant.put("app", Map.of("client_id", token.clientId(), "name", "Demo", "url", "https://company.example"));
        grant.put("hashed_token", "25f94a2a5c7fbaf499c665bc73d67c1c87e496da8985131633ee0a95819db2e8");
        grant.put("note", null);
        grant.put("scopes", List.of("user:email"));
        grant.put(
                "expires_at", token.expiresAt().truncatedTo(ChronoUnit.SECONDS).toString());
        grant.put("user", Map.of("login", token.person().username(), "id", number(token.person()), "type", "User"));
        return grant;
    }

    private Reply profile(RecordedRequest request) {
        return bearer(request)
                .map(token -> Reply.json(200, profile(token.profile())))
                .orElseGet(GitHub::unauthorized);
    }

    private static Map<String, Object> profile(Person person) {
        Map<String, Object> profile = new LinkedHashMap<>();
        profile.put("login", person.username());
        profile.put("id", number(person));
        profile.put("type", "User");
        profile.put("name", fullName(person));
        profile.put("email", null);
        return profile;
    }

    private Reply addresses(RecordedRequest request) {
        return bearer(request)
                .map(token -> Reply.json(
                        200,
                        List.of(
                                address("other-" + token.profile().email(), false, true),
                                address(token.profile().email(), true, isVerified(token.profile())))))
                .orElseGet(GitHub::unauthorized);
    }

    /** An entry in the list of addresses. */
    public static Map<String, Object> address(String email, boolean isPrimary, boolean isVerified) {
        return Map.of("email", email, "primary", isPrimary, "verified", isVerified);
    }

    private static boolean isVerified(Person person) {
        return !person.emailVerified().isDenied();
    }

    private static long number(Person person) {
        return Long.parseLong(person.subject());
    }

    private static Reply unauthorized() {
        return Reply.json(401, Map.of("message", "Bad credentials", "status", "401"));
    }
}
