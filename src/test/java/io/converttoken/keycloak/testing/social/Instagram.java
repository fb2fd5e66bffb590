// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.util.List;
import java.util.Map;

/** Instagram's Basic Display API, which ended in 2024 and which Keycloak's class still speaks. */
public final class Instagram extends SocialProvider {

    private final ProviderEndpoint me;

    Instagram(SocialHosts hosts) {
        super(hosts, "990602627938098");
        me = endpoint("https://graph.instagram.com/me", this::profile);
        redeemsCodesAt("https://api.instagram.com/oauth/access_token");
    }

    @Override
    public String providerId() {
        return "instagram";
    }

    @Override
    public Person newcomer() {
        return Person.unknown().withSubject(newNumber(17));
    }

    @Override
    public String storedId(Person person) {
        return "graph_" + person.subject();
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of(me);
    }

    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return opaque("IGQV", person);
    }

    /** By which accounts were known before the Graph API. */
    public static String legacyId(Person person) {
        return "1" + person.subject();
    }

    private Reply profile(RecordedRequest request) {
        return alive(request.queryParameters().getOrDefault("access_token", ""))
                .map(AccessToken::profile)
                .map(person -> Reply.json(
                        200, Map.of("id", person.subject(), "ig_id", legacyId(person), "username", person.username())))
                .orElseGet(() -> Reply.json(
                        400,
                        Map.of("error", Map.of("type", "OAuthException", "code", 190, "message", "Invalid token"))));
    }
}
