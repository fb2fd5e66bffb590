// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * OpenShift 4, after
 * <a href="https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/authentication_and_authorization/configuring-internal-oauth">the
 * internal OAuth server</a> and the user API.
 */
public final class OpenShift extends SocialProvider {

    private static final String BASE_URL = "https://api.openshift.example";

    private final ProviderEndpoint metadata;
    private final ProviderEndpoint user;

    OpenShift(SocialHosts hosts) {
        super(hosts, "openshift-company");
        metadata = endpoint(BASE_URL + "/.well-known/oauth-authorization-server", this::metadata);
        user = endpoint(BASE_URL + "/apis/user.openshift.io/v1/users/~", this::profile);
        redeemsCodesAt("https://oauth.openshift.example/oauth/token");
    }

    @Override
    public String providerId() {
        return "openshift-v4";
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = super.settings();
        settings.put("baseUrl", BASE_URL);
        return settings;
    }

    @Override
    public Person newcomer() {
        return Person.unknown().withSubject(UUID.randomUUID().toString());
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of(metadata, user);
    }

    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return opaque("sha256~", person);
    }

    private Reply metadata(RecordedRequest request) {
        return Reply.json(
                200,
                Map.of(
                        "issuer", "https://oauth.openshift.example",
                        "authorization_endpoint", "https://oauth.openshift.example/oauth/authorize",
                        "token_endpoint", "https://oauth.openshift.example/oauth/token"));
    }

    private Reply profile(RecordedRequest request) {
        return bearer(request)
                .map(AccessToken::profile)
                .map(person -> Reply.json(
                        200,
                        Map.of(
                                "kind", "User",
                                "metadata", Map.of("name", person.username(), "uid", person.subject()),
                                "fullName", fullName(person))))
                .orElseGet(() -> Reply.json(401, Map.of("kind", "Status", "status", "Failure", "code", 401)));
    }
}
