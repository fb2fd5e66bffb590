// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.util.List;
import java.util.Map;

/**
 * Stack Overflow, after <a href="https://api.stackexchange.com/docs/me">/me</a> and
 * <a href="https://api.stackexchange.com/docs/error-handling">error handling</a>: tokens go into the query, and errors are 400.
 */
public final class StackOverflow extends SocialProvider {

    private final ProviderEndpoint me;

    StackOverflow(SocialHosts hosts) {
        super(hosts, "4242");
        me = endpoint("https://api.stackexchange.com/2.2/me", this::profile);
        redeemsCodesAt("https://stackexchange.com/oauth/access_token");
    }

    @Override
    public String providerId() {
        return "stackoverflow";
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = super.settings();
        settings.put("key", "app-key((");
        return settings;
    }

    @Override
    public Person newcomer() {
        return Person.unknown().withSubject(newNumber(7));
    }

    public ProviderEndpoint me() {
        return me;
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of(me);
    }

    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return new AccessTokenBuilder(person, clientId(), token -> remember(newToken("") + "))", token));
    }

    /** Every site of the network has its own user ids. */
    private Reply profile(RecordedRequest request) {
        Map<String, String> query = request.queryParameters();
        return alive(query.getOrDefault("access_token", ""))
                .map(token -> Reply.json(200, items(token.profile(), query.getOrDefault("site", ""))))
                .orElseGet(() -> Reply.json(
                        400,
                        Map.of(
                                "error_id", 402,
                                "error_name", "invalid_access_token",
                                "error_message", "`access_token` is not valid")));
    }

    private static Map<String, Object> items(Person person, String site) {
        long id = Long.parseLong(person.subject());
        return Map.of(
                "items",
                List.of(Map.of(
                        "user_id",
                        site.equals("stackoverflow") ? id : id + 1,
                        "display_name",
                        fullName(person),
                        "link",
                        "https://stackoverflow.com/users/" + id + "/" + person.username())),
                "has_more",
                false);
    }
}
