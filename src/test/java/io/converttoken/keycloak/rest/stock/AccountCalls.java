// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Audiences;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.LinkedHashMap;
import java.util.Map;

/** The account API, which reads lightweight tokens by the introspection provider that the extension replaces. */
final class AccountCalls {

    private static final String PROVIDER = "account-provider";

    private final Recorder recorder;
    private final TestRealm realm;
    private final Person user;

    private AccountCalls(Recorder recorder) {
        this.recorder = recorder;
        this.realm = recorder.realm();
        this.user = recorder.user("account-user");
        IdentityProviderCalls.addProvider(recorder, PROVIDER);
    }

    static void run(Recorder recorder) {
        AccountCalls calls = new AccountCalls(recorder);
        calls.everyKindOfToken();
        calls.brokerEndpoints();
        calls.changes();
    }

    private void everyKindOfToken() {
        Map<String, String> tokens = new LinkedHashMap<>();
        tokens.put("ordinary", signIn(TestRealm.APP));
        tokens.put("admin-cli as shipped", signIn(TestClient.publicClient("admin-cli")));
        TestClient light = client("account-light", Map.of("attributes", lightweight()));
        tokens.put("lightweight", signIn(light));
        tokens.put("no roles", signIn(client("account-narrow", Map.of("fullScopeAllowed", false))));
        tokens.put(
                "lightweight, no roles",
                signIn(client("account-light-narrow", Map.of("fullScopeAllowed", false, "attributes", lightweight()))));
        TestClient addressed = client("account-addressed", Map.of("fullScopeAllowed", false));
        Audiences.add(realm, "account-addressed", "account");
        tokens.put("audience without roles", signIn(addressed));
        tokens.put("client credentials", service(client("account-service", Map.of("serviceAccountsEnabled", true))));
        tokens.put(
                "lightweight, client credentials",
                service(client(
                        "account-light-service", Map.of("serviceAccountsEnabled", true, "attributes", lightweight()))));
        tokens.put("refresh token", recorder.signIn(TestRealm.APP, user).refreshToken());
        tokens.put("garbage", "garbage");
        tokens.put("of the master realm", recorder.admin().accessToken());

        recorder.record("profile, no token", () -> json("").get());
        tokens.forEach((kind, token) -> {
            get("profile, " + kind, "", token);
            get("sessions, " + kind, "/sessions", token);
            get("linked accounts, " + kind, "/linked-accounts", token);
        });
        for (String kind : new String[] {"ordinary", "lightweight"}) {
            String token = tokens.getOrDefault(kind, "");
            get("devices, " + kind, "/sessions/devices", token);
            get("applications, " + kind, "/applications", token);
            get("credentials, " + kind, "/credentials", token);
            get("groups, " + kind, "/groups", token);
            get("locales, " + kind, "/supportedLocales", token);
            get("resources, " + kind, "/resources", token);
            get("consent, " + kind, "/applications/app/consent", token);
        }
        get("unknown path", "/no-such-path", tokens.getOrDefault("ordinary", ""));
        recorder.record(
                "allowed origin",
                () -> json("").bearer(signIn(TestRealm.APP))
                        .header("Origin", TestRealm.WEB_ORIGIN)
                        .get());
        recorder.record(
                "preflight",
                () -> json("").header("Origin", TestRealm.WEB_ORIGIN)
                        .header("Access-Control-Request-Method", "GET")
                        .options());
    }

    private static Map<String, String> lightweight() {
        return Map.of("client.use.lightweight.access.token.enabled", "true");
    }

    private TestClient client(String clientId, Map<String, ?> changes) {
        return realm.addConfidentialClient(clientId, changes);
    }

    private void changes() {
        String token = signIn(TestRealm.APP);
        Answer profile = json("").bearer(token).get().expect(200);
        recorder.record(
                "profile is changed",
                () -> json("").bearer(token)
                        .json(Map.of(
                                "username",
                                user.username(),
                                "email",
                                profile.json().path("email").asText(),
                                "firstName",
                                "Changed",
                                "lastName",
                                "Example"))
                        .post());
        recorder.record(
                "profile is changed, bad address",
                () -> json("").bearer(token)
                        .json(Map.of("username", user.username(), "email", "no address"))
                        .post());
        recorder.record(
                "profile is changed, lightweight",
                () -> json("").bearer(signIn(TestClient.publicClient("admin-cli")))
                        .json(Map.of("username", user.username(), "email", "no address"))
                        .post());
        recorder.record(
                "account is linked",
                () -> json("/linked-accounts/" + PROVIDER)
                        .bearer(token)
                        .param("redirectUri", TestRealm.WEB_ORIGIN + "/callback")
                        .get());
        recorder.record(
                "account that is not linked is removed",
                () -> json("/linked-accounts/" + PROVIDER).bearer(token).delete());
        recorder.admin().addFederatedIdentity(realm.name(), user.username(), PROVIDER, Person.named("account-outside"));
        get("linked accounts, one is linked", "/linked-accounts", token);
        recorder.record(
                "account is removed",
                () -> json("/linked-accounts/" + PROVIDER).bearer(token).delete());
        recorder.record(
                "consent is given",
                () -> json("/applications/app/consent")
                        .bearer(token)
                        .json(Map.of("grantedScopes", new Object[] {}))
                        .put());
        recorder.record(
                "consent is withdrawn",
                () -> json("/applications/app/consent").bearer(token).delete());
        recorder.record(
                "unknown session is ended",
                () -> json("/sessions/no-such-session").bearer(token).delete());
        Answer other = recorder.signIn(TestRealm.MOBILE, user);
        recorder.record(
                "session is ended",
                () -> json("/sessions/" + other.accessTokenClaims().path("sid").asText())
                        .bearer(token)
                        .delete());
        recorder.record(
                "refresh after the session is ended", () -> realm.refresh(TestRealm.MOBILE, other.refreshToken()));
        recorder.record(
                "other sessions are ended",
                () -> json("/sessions").bearer(token).delete());
        recorder.record(
                "refresh after other sessions are ended",
                () -> realm.refresh(
                        TestRealm.MOBILE,
                        recorder.signIn(TestRealm.MOBILE, user).refreshToken()));
    }

    private void brokerEndpoints() {
        String token = signIn(TestRealm.APP);
        recorder.record(
                "broker token, no token",
                () -> realm.call("/broker/" + PROVIDER + "/token").get());
        recorder.record(
                "broker token, no right",
                () -> realm.call("/broker/" + PROVIDER + "/token").bearer(token).get());
        recorder.record(
                "broker token, unknown provider",
                () -> realm.call("/broker/no-such-provider/token").bearer(token).get());
        recorder.admin().addClientRole(realm.name(), user.username(), "broker", "read-token");
        String withRight = signIn(TestRealm.APP);
        recorder.record(
                "broker token, not linked",
                () -> realm.call("/broker/" + PROVIDER + "/token")
                        .bearer(withRight)
                        .get());
        recorder.record(
                "broker token by POST",
                () -> realm.call("/broker/" + PROVIDER + "/token")
                        .bearer(withRight)
                        .post());
        recorder.record(
                "broker login without a session",
                () -> realm.call("/broker/" + PROVIDER + "/login").get());
        recorder.record(
                "broker endpoint, error of the provider",
                () -> realm.call("/broker/" + PROVIDER + "/endpoint")
                        .param("state", "no-such-state")
                        .param("error", "access_denied")
                        .get());
        recorder.record(
                "broker link without a hash",
                () -> realm.call("/broker/" + PROVIDER + "/link")
                        .param("client_id", TestRealm.APP.clientId())
                        .param("redirect_uri", TestRealm.WEB_ORIGIN + "/callback")
                        .param("nonce", "nonce")
                        .param("hash", "hash")
                        .get());
    }

    private String signIn(TestClient client) {
        return recorder.signIn(client, user).accessToken();
    }

    private String service(TestClient client) {
        return recorder.clientCredentials(client, "openid").expect(200).accessToken();
    }

    private void get(String name, String path, String token) {
        recorder.record(name, () -> json(path).bearer(token).get());
    }

    private Call json(String path) {
        return realm.call("/account" + path).header("Accept", "application/json");
    }
}
