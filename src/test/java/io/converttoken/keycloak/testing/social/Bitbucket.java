// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Bitbucket Cloud, after <a href="https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/">users</a>. */
public final class Bitbucket extends SocialProvider {

    private final ProviderEndpoint user;
    private final ProviderEndpoint emails;

    Bitbucket(SocialHosts hosts) {
        super(hosts, "bitbucket-company");
        user = endpoint("https://api.bitbucket.org/2.0/user", this::profile);
        emails = endpoint("https://api.bitbucket.org/2.0/user/emails", this::addresses);
        redeemsCodesAt("https://bitbucket.org/site/oauth2/access_token");
    }

    @Override
    public String providerId() {
        return "bitbucket";
    }

    @Override
    public Person newcomer() {
        return Person.unknown().withSubject("557058:" + UUID.randomUUID());
    }

    public ProviderEndpoint emails() {
        return emails;
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of(user, emails);
    }

    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return opaque("", person);
    }

    private Reply profile(RecordedRequest request) {
        return bearer(request)
                .map(token -> Reply.json(
                        200,
                        Map.of(
                                "type", "user",
                                "account_id", token.profile().subject(),
                                "username", token.profile().username(),
                                "display_name", fullName(token.profile()))))
                .orElseGet(Bitbucket::unauthorized);
    }

    private Reply addresses(RecordedRequest request) {
        return bearer(request)
                .map(token -> Reply.json(
                        200,
                        Map.of(
                                "pagelen",
                                10,
                                "values",
                                List.of(address(
                                        token.profile().email(),
                                        true,
                                        !token.profile().emailVerified().isDenied())),
                                "page",
                                1)))
                .orElseGet(Bitbucket::unauthorized);
    }

    /** An entry in the list of addresses. */
    public static Map<String, Object> address(String email, boolean isPrimary, boolean isConfirmed) {
        return Map.of("type", "email", "email", email, "is_primary", isPrimary, "is_confirmed", isConfirmed);
    }

    private static Reply unauthorized() {
        return Reply.json(401, Map.of("type", "error", "error", Map.of("message", "Access token expired.")));
    }
}
