// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.Seconds;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.List;
import java.util.Map;

/** The admin API, but for identity providers and client policies. */
final class AdminCalls {

    private final Recorder recorder;
    private final RecordedAdminApi api;
    private final TestRealm realm;
    private final Person user;
    private final String userPath;
    private final String appPath;

    private AdminCalls(Recorder recorder) {
        this.recorder = recorder;
        this.api = new RecordedAdminApi(recorder);
        this.realm = recorder.realm();
        this.user = recorder.user("managed-user");
        this.userPath = "/users/"
                + recorder.admin()
                        .user(realm.name(), user.username())
                        .path("id")
                        .asText();
        this.appPath = "/clients/"
                + recorder.admin().client(realm.name(), "app").path("id").asText();
    }

    static void run(Recorder recorder) {
        AdminCalls calls = new AdminCalls(recorder);
        calls.callers();
        calls.users();
        calls.sessions();
        calls.clients();
        calls.examples();
        calls.realm();
        calls.server();
    }

    private void callers() {
        realm.allowAdminCalls(TestRealm.APP);
        callAs("garbage", "garbage");
        callAs("user of the realm", recorder.signIn(TestRealm.APP, user).accessToken());
        recorder.admin().addClientRole(realm.name(), user.username(), "realm-management", "view-users");
        callAs("manager of the realm", recorder.signIn(TestRealm.APP, user).accessToken());
        recorder.record(
                "caller without a token",
                () -> Call.to(realm.keycloak().base().resolve("/admin/realms/" + realm.name()))
                        .get());
    }

    private void callAs(String name, String token) {
        for (String path : List.of("/users/count", "/clients")) {
            recorder.record(
                    "caller is " + name + ", " + path,
                    () -> Call.to(realm.keycloak().base().resolve("/admin/realms/" + realm.name() + path))
                            .bearer(token)
                            .get());
        }
    }

    private void users() {
        Map<String, ?> person = Map.of("username", "created", "enabled", true, "email", "created@realm.example");
        Answer created = api.post("user, create", "/users", person);
        String path = "/users/"
                + created.header("Location")
                        .map(location -> location.replaceAll(".*/", ""))
                        .orElse("none");
        api.post("user, create again", "/users", person);
        api.post("user, create, no name", "/users", Map.of("enabled", true));
        api.get("users", "/users?max=200");
        api.get("users, search", "/users?search=created");
        api.get("users, count", "/users/count");
        Answer read = api.get("user, read", path);
        api.get("user, read unknown", "/users/no-such-user");
        ObjectNode changed = read.json().deepCopy();
        changed.put("firstName", "Changed").put("lastName", "Example");
        api.put("user, update", path, changed);
        api.put(
                "user, password",
                path + "/reset-password",
                Map.of("type", "password", "value", "new", "temporary", false));
        api.get("user, credentials", path + "/credentials");
        api.get("user, groups", path + "/groups");
        api.get("user, roles", path + "/role-mappings");
        api.get("user, consents", path + "/consents");
        api.get("user, federated identities", path + "/federated-identity");
        api.get("user, profile", "/users/profile");
        api.get("user, brute force", "/attack-detection/brute-force" + path);
        api.delete("user, delete", path);
        api.delete("user, delete again", path);
    }

    private void sessions() {
        Answer online = recorder.signIn(TestRealm.APP, user);
        Answer offline = recorder.signIn(TestRealm.MOBILE, user, "openid offline_access");
        String mobile =
                recorder.admin().client(realm.name(), "mobile").path("id").asText();

        api.get("sessions of the user", userPath + "/sessions");
        api.get("offline sessions of the user", userPath + "/offline-sessions/" + mobile);
        api.get("sessions of the client", "/clients/" + mobile + "/user-sessions");
        api.get("offline sessions of the client", "/clients/" + mobile + "/offline-sessions");
        api.get("number of sessions of the client", "/clients/" + mobile + "/session-count");
        api.get("number of offline sessions of the client", "/clients/" + mobile + "/offline-session-count");
        api.delete(
                "session, delete",
                "/sessions/" + online.accessTokenClaims().path("sid").asText());
        recorder.record("refresh of a deleted session", () -> realm.refresh(TestRealm.APP, online.refreshToken()));
        api.delete("session, delete unknown", "/sessions/no-such-session");
        api.delete(
                "offline session, delete",
                "/sessions/" + offline.refreshTokenClaims().path("sid").asText() + "?isOffline=true");
        recorder.record(
                "refresh of a deleted offline session", () -> realm.refresh(TestRealm.MOBILE, offline.refreshToken()));
        Answer next = recorder.signIn(TestRealm.APP, user);
        Answer nextOffline = recorder.signIn(TestRealm.APP, user, "openid offline_access");
        Seconds.next();
        api.post("log out the user", userPath + "/logout", Map.of());
        recorder.record("refresh of a user who is logged out", () -> realm.refresh(TestRealm.APP, next.refreshToken()));
        recorder.record(
                "refresh of a user who is logged out, offline token",
                () -> realm.refresh(TestRealm.APP, nextOffline.refreshToken()));
        recorder.record("user info of a user who is logged out", () -> realm.userInfo(next.accessToken()));
        Answer last = recorder.signIn(TestRealm.APP, user);
        Seconds.next();
        api.post("log out everybody", "/logout-all", Map.of());
        recorder.record(
                "refresh after everybody is logged out", () -> realm.refresh(TestRealm.APP, last.refreshToken()));
        api.post("log out an unknown user", "/users/no-such-user/logout", Map.of());
        api.post("impersonate", userPath + "/impersonation", Map.of());
        api.delete("consent, delete none", userPath + "/consents/app");
    }

    private void clients() {
        Answer created =
                api.post("client, create", "/clients", Map.of("clientId", "created", "redirectUris", List.of("/")));
        String path = "/clients/"
                + created.header("Location")
                        .map(location -> location.replaceAll(".*/", ""))
                        .orElse("none");
        api.post("client, create again", "/clients", Map.of("clientId", "created"));
        api.post("client, bad address", "/clients", Map.of("clientId", "bad", "rootUrl", "javascript:alert(1)"));
        api.get("clients", "/clients");
        Answer read = api.get("client, read", path);
        api.get("client, read unknown", "/clients/no-such-client");
        ObjectNode changed = read.json().deepCopy();
        changed.put("name", "Created").put("serviceAccountsEnabled", true);
        api.put("client, update", path, changed);
        api.post("client, new secret", path + "/client-secret", Map.of());
        api.get("client, service account", path + "/service-account-user");
        api.get("client, adapter", path + "/installation/providers/keycloak-oidc-keycloak-json");
        api.get("client, mappers", appPath + "/protocol-mappers/models");
        api.get("client, default scopes", appPath + "/default-client-scopes");
        api.post("client, push revocation", appPath + "/push-revocation", Map.of());
        api.post(
                "client, mapper",
                path + "/protocol-mappers/models",
                Map.of(
                        "name", "audience",
                        "protocol", "openid-connect",
                        "protocolMapper", "oidc-audience-mapper",
                        "config", Map.of("included.client.audience", "app", "access.token.claim", "true")));
        api.post(
                "client, unknown mapper",
                path + "/protocol-mappers/models",
                Map.of("name", "strange", "protocol", "openid-connect", "protocolMapper", "no-such-mapper"));
        api.delete("client, delete", path);
        api.delete("client, delete again", path);
    }

    /** Tokens as a client would get them. */
    private void examples() {
        String userId = userPath.substring(userPath.lastIndexOf('/') + 1);
        for (String kind : List.of("access-token", "id-token", "userinfo")) {
            api.get(
                    "example " + kind,
                    appPath + "/evaluate-scopes/generate-example-" + kind + "?scope=openid&userId=" + userId);
        }
        api.get(
                "example of an unknown user",
                appPath + "/evaluate-scopes/generate-example-access-token?userId=no-such-user");
    }

    private void realm() {
        Answer read = api.get("realm, read", "");
        ObjectNode changed = read.json().deepCopy();
        changed.put("displayName", "Changed");
        api.put("realm, update", "", changed);
        api.get("realm, read after update", "");
        api.put("realm, bad update", "", Map.of("accessTokenLifespan", "no number"));
        api.get("realm, keys", "/keys");
        api.get("realm, components", "/components");
        api.get("realm, client scopes", "/client-scopes");
        api.get("realm, roles", "/roles");
        api.get("realm, required actions", "/authentication/required-actions");
        api.get("realm, flows", "/authentication/flows");
        api.get("realm, authenticators", "/authentication/authenticator-providers");
        api.get("realm, registration policies", "/client-registration-policy/providers");
        api.get("realm, registration tokens", "/clients-initial-access");
        api.get("realm, credential types", "/credential-registrators");
        api.get("realm, events settings", "/events/config");
        api.put(
                "realm, events settings, unknown listener",
                "/events/config",
                Map.of("eventsListeners", List.of("strange")));
        api.get("realm, events", "/events?max=1");
        api.get("realm, admin events", "/admin-events?max=1");
        api.post("realm, export", "/partial-export?exportClients=true&exportGroupsAndRoles=true", Map.of());
        api.post(
                "realm, import",
                "/partialImport",
                Map.of(
                        "ifResourceExists",
                        "SKIP",
                        "users",
                        List.of(Map.of("username", "imported"), Map.of("username", "alice"))));
        api.post(
                "realm, import of what is there",
                "/partialImport",
                Map.of("ifResourceExists", "FAIL", "clients", List.of(Map.of("clientId", "app"))));
        api.post("realm, forget users", "/clear-user-cache", Map.of());
        api.post("realm, forget realms", "/clear-realm-cache", Map.of());
        api.get("realm, unknown path", "/no-such-path");
        recorder.record(
                "realm, read unknown",
                () -> recorder.admin().call("no-such-realm").get());
    }

    private void server() {
        recorder.record(
                "server",
                () -> Call.to(realm.keycloak().base().resolve("/admin/serverinfo"))
                        .bearer(recorder.admin().accessToken())
                        .get());
    }
}
