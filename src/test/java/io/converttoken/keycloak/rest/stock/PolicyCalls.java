// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Audiences;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.ClientPolicy;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Client policies, whose manager the extension extends: they are stored, and they decide, as ever. */
final class PolicyCalls {

    private static final String PROFILES = "/client-policies/profiles";
    private static final String POLICIES = "/client-policies/policies";

    private final Recorder recorder;
    private final TestRealm realm;
    private final Person user;
    private final TestClient client;

    private PolicyCalls(Recorder recorder) {
        this.recorder = recorder;
        this.realm = recorder.realm();
        this.user = recorder.user("policy-user");
        this.client = realm.addConfidentialClient("policy-client", Map.of());
        Audiences.add(realm, "policy-client", "policy-client");
    }

    static void run(Recorder recorder) {
        PolicyCalls calls = new PolicyCalls(recorder);
        calls.stored();
        calls.passwordsRefused();
        calls.everythingRefused();
        recorder.admin().put(realm(recorder) + POLICIES, Map.of("policies", List.of()));
        recorder.admin().put(realm(recorder) + PROFILES, Map.of("profiles", List.of()));
    }

    private static String realm(Recorder recorder) {
        return recorder.realm().name();
    }

    private void stored() {
        get("profiles, none", PROFILES);
        get("policies, none", POLICIES);
        put("unknown executor", PROFILES, profile("profile", "no-such-executor"));
        put("unknown profile", POLICIES, policy("no-such-profile"));
        put("profile of a global name", PROFILES, profile("fapi-1-baseline", "pkce-enforcer"));
    }

    private void passwordsRefused() {
        Answer before = recorder.signIn(client, user);
        put("profile", PROFILES, profile("no passwords", "reject-ropc-grant"));
        put("policy", POLICIES, policy("no passwords"));
        get("profiles", PROFILES);
        get("policies", POLICIES);
        recorder.record(
                "password", () -> recorder.passwordGrant(client, user, "openid").post());
        recorder.record("refresh", () -> realm.refresh(client, before.refreshToken()));
        recorder.record("introspection", () -> realm.introspect(client, before.accessToken()));
    }

    /** Every request that Keycloak asks its policies about. */
    private void everythingRefused() {
        recorder.admin().put(realm.name() + POLICIES, Map.of("policies", List.of()));
        Answer tokens = recorder.signIn(client, user);
        recorder.admin().put(realm.name() + PROFILES, profile("nothing", "reject-request"));
        recorder.admin().put(realm.name() + POLICIES, policy("nothing"));

        recorder.record(
                "all, password",
                () -> recorder.passwordGrant(client, user, "openid").post());
        recorder.record(
                "all, code",
                () -> grant("authorization_code").param("code", "garbage").post());
        recorder.record("all, refresh", () -> realm.refresh(client, tokens.refreshToken()));
        recorder.record("all, client credentials", () -> recorder.clientCredentials(client, "openid"));
        recorder.record("all, introspection", () -> realm.introspect(client, tokens.accessToken()));
        recorder.record("all, user info", () -> realm.userInfo(tokens.accessToken()));
        recorder.record(
                "all, login page",
                () -> recorder.oidc("auth")
                        .param("client_id", client.clientId())
                        .param("redirect_uri", TestRealm.WEB_ORIGIN + "/callback")
                        .param("response_type", "code")
                        .get());
        recorder.record(
                "all, logout",
                () -> recorder.oidc("logout")
                        .as(client)
                        .param("refresh_token", tokens.refreshToken())
                        .post());
        recorder.record(
                "all, revocation",
                () -> recorder.oidc("revoke")
                        .as(client)
                        .param("token", tokens.refreshToken())
                        .post());
        recorder.record(
                "all, new client",
                () -> recorder.adminCall("/clients")
                        .json(Map.of("clientId", "policy-refused"))
                        .post());
    }

    private Call grant(String type) {
        return realm.tokenEndpoint().as(client).param("grant_type", type);
    }

    private void get(String name, String path) {
        recorder.record(name, () -> recorder.adminCall(path).get());
    }

    private void put(String name, String path, Map<String, ?> content) {
        recorder.record(
                name + " is put", () -> recorder.adminCall(path).json(content).put());
    }

    private static Map<String, ?> profile(String name, String executor) {
        return ClientPolicy.profile(name, executor, Map.of());
    }

    private static Map<String, ?> policy(String profile) {
        return ClientPolicy.policy(Optional.empty(), ClientPolicy.ANY_CLIENT, profile);
    }
}
