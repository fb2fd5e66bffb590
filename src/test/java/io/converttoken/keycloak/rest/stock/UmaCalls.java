// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.List;
import java.util.Map;

/** Authorization services: requesting party tokens, which are introspected by a provider that the extension replaces. */
final class UmaCalls {

    private static final String GRANT = "urn:ietf:params:oauth:grant-type:uma-ticket";
    private static final String OPEN = "album";
    private static final String CLOSED = "vault";

    private final Recorder recorder;
    private final TestRealm realm;
    private final TestClient server;
    private final String bearer;

    private UmaCalls(Recorder recorder) {
        this.recorder = recorder;
        this.realm = recorder.realm();
        this.server = realm.addConfidentialClient(
                "uma-server",
                Map.of(
                        "serviceAccountsEnabled",
                        true,
                        "authorizationServicesEnabled",
                        true,
                        "authorizationSettings",
                        authorizationSettings()));
        Person user = recorder.user("uma-user");
        this.bearer = recorder.signIn(TestRealm.APP, user).accessToken();
    }

    private static Map<String, Object> authorizationSettings() {
        return Map.of(
                "policyEnforcementMode",
                "ENFORCING",
                "allowRemoteResourceManagement",
                true,
                "scopes",
                List.of(Map.of("name", "view")),
                "resources",
                List.of(resource(OPEN), resource(CLOSED)),
                "policies",
                List.of(
                        policy("members", "role", "POSITIVE", Map.of("roles", "[{\"id\":\"uma_authorization\"}]")),
                        policy("strangers", "role", "NEGATIVE", Map.of("roles", "[{\"id\":\"uma_authorization\"}]")),
                        permission(OPEN, "members"),
                        permission(CLOSED, "strangers")));
    }

    private static Map<String, Object> resource(String name) {
        return Map.of("name", name, "uris", List.of("/" + name), "scopes", List.of(Map.of("name", "view")));
    }

    private static Map<String, Object> permission(String resource, String policy) {
        return policy(
                resource + " permission",
                "resource",
                "POSITIVE",
                Map.of("resources", "[\"" + resource + "\"]", "applyPolicies", "[\"" + policy + "\"]"));
    }

    private static Map<String, Object> policy(String name, String type, String logic, Map<String, String> config) {
        return Map.of("name", name, "type", type, "logic", logic, "decisionStrategy", "UNANIMOUS", "config", config);
    }

    static void run(Recorder recorder) {
        UmaCalls calls = new UmaCalls(recorder);
        calls.grant();
        calls.tickets();
        calls.requestingPartyToken();
    }

    private void grant() {
        recorder.record("all permissions", () -> ask().post());
        recorder.record(
                "one permission",
                () -> ask().param("permission", OPEN + "#view").post());
        recorder.record(
                "refused permission", () -> ask().param("permission", CLOSED).post());
        recorder.record(
                "unknown resource",
                () -> ask().param("permission", "no-such-resource").post());
        recorder.record(
                "unknown scope",
                () -> ask().param("permission", OPEN + "#no-such-scope").post());
        recorder.record(
                "decision",
                () -> ask().param("permission", OPEN)
                        .param("response_mode", "decision")
                        .post());
        recorder.record(
                "list of permissions",
                () -> ask().param("response_mode", "permissions").post());
        recorder.record(
                "unknown audience", () -> asked("no-such-client").bearer(bearer).post());
        recorder.record(
                "audience without authorization",
                () -> asked("app").bearer(bearer).post());
        recorder.record("no token", () -> asked(server.clientId()).post());
        recorder.record(
                "garbage", () -> asked(server.clientId()).bearer("garbage").post());
        recorder.record(
                "client's own permissions",
                () -> asked(server.clientId()).as(server).post());
    }

    private Call ask() {
        return asked(server.clientId()).bearer(bearer);
    }

    private Call asked(String audience) {
        return realm.tokenEndpoint().param("grant_type", GRANT).param("audience", audience);
    }

    private void tickets() {
        String protection =
                recorder.clientCredentials(server, "email").expect(200).accessToken();
        Answer resources = recorder.record(
                "resources", () -> protection("resource_set", protection).get());
        recorder.record(
                "resource",
                () -> protection("resource_set/" + resources.json().path(0).asText(), protection)
                        .get());
        recorder.record(
                "resources, no right", () -> protection("resource_set", bearer).get());
        String album = protection("resource_set", protection)
                .param("name", OPEN)
                .param("exactName", "true")
                .get()
                .expect(200)
                .json()
                .path(0)
                .asText();
        Answer ticket = recorder.record(
                "ticket",
                () -> protection("permission", protection)
                        .json(List.of(Map.of("resource_id", album, "resource_scopes", List.of("view"))))
                        .post());
        recorder.record(
                "ticket for an unknown resource",
                () -> protection("permission", protection)
                        .json(List.of(Map.of("resource_id", "no-such-resource")))
                        .post());
        recorder.record(
                "grant by ticket",
                () -> realm.tokenEndpoint()
                        .param("grant_type", GRANT)
                        .param("ticket", ticket.json().path("ticket").asText())
                        .bearer(bearer)
                        .post());
        recorder.record(
                "grant by garbage ticket",
                () -> realm.tokenEndpoint()
                        .param("grant_type", GRANT)
                        .param("ticket", "garbage")
                        .bearer(bearer)
                        .post());
    }

    private Call protection(String path, String token) {
        return realm.call("/authz/protection/" + path).bearer(token);
    }

    private void requestingPartyToken() {
        Answer tokens = ask().post().expect(200);
        for (String hint : List.of("requesting_party_token", "access_token", "refresh_token")) {
            recorder.record(
                    "introspected as " + hint,
                    () -> introspect(tokens.accessToken())
                            .param("token_type_hint", hint)
                            .post());
        }
        recorder.record("introspected", () -> introspect(tokens.accessToken()).post());
        recorder.record(
                "introspected by another client",
                () -> recorder.oidc("token/introspect")
                        .as(TestRealm.APP)
                        .param("token", tokens.accessToken())
                        .param("token_type_hint", "requesting_party_token")
                        .post());
        recorder.record(
                "its refresh token is introspected",
                () -> introspect(tokens.refreshToken())
                        .param("token_type_hint", "requesting_party_token")
                        .post());
        recorder.record("refreshed", () -> realm.refresh(TestRealm.APP, tokens.refreshToken()));
        recorder.record(
                "upgraded",
                () -> ask().param("permission", OPEN)
                        .param("rpt", tokens.accessToken())
                        .post());
    }

    private Call introspect(String token) {
        return recorder.oidc("token/introspect").as(server).param("token", token);
    }
}
