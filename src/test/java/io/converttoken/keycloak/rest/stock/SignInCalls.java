// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.BrowserSession;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.DPoPProofs;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.Map;

/** The token endpoint: what is no grant, and the grants by which a user or a client signs in. */
final class SignInCalls {

    private final Recorder recorder;
    private final TestRealm realm;
    private final Person user;

    private SignInCalls(Recorder recorder) {
        this.recorder = recorder;
        this.realm = recorder.realm();
        this.user = recorder.user("sign-in-user");
    }

    static void run(Recorder recorder) {
        SignInCalls calls = new SignInCalls(recorder);
        calls.noGrant();
        calls.passwords();
        calls.kindsOfTokens();
        calls.clientCredentials();
        calls.authorizationCodes();
    }

    private void noGrant() {
        recorder.record(
                "no grant", () -> realm.tokenEndpoint().as(TestRealm.APP).post());
        recorder.record(
                "unknown grant", () -> grant(TestRealm.APP, "no-such-grant").post());
        recorder.record(
                "no client",
                () -> realm.tokenEndpoint().param("grant_type", "password").post());
        recorder.record(
                "unknown client",
                () -> grant(TestClient.publicClient("no-such-client"), "password")
                        .post());
        recorder.record(
                "repeated parameter",
                () -> recorder.passwordGrant(TestRealm.APP, user, "openid")
                        .param("scope", "openid")
                        .post());
        recorder.record("GET", () -> grant(TestRealm.APP, "password").get());
        recorder.record(
                "JSON body",
                () -> realm.tokenEndpoint()
                        .json(Map.of("grant_type", "password"))
                        .post());
        recorder.record(
                "preflight",
                () -> realm.tokenEndpoint()
                        .header("Origin", TestRealm.WEB_ORIGIN)
                        .header("Access-Control-Request-Method", "POST")
                        .options());
    }

    private void passwords() {
        TestClient disabled = realm.addConfidentialClient("sign-in-disabled", Map.of("enabled", false));
        TestClient browserOnly =
                realm.addConfidentialClient("sign-in-browser-only", Map.of("directAccessGrantsEnabled", false));
        Person away = recorder.user("sign-in-away");
        recorder.admin().updateUser(realm.name(), away.username(), Map.of("enabled", false));
        Person unfinished = recorder.user("sign-in-unfinished");
        recorder.admin().updateUser(realm.name(), unfinished.username(), Map.of("requiredActions", new String[] {
            "UPDATE_PASSWORD"
        }));

        password("password", TestRealm.APP, user);
        password("password, public client", TestRealm.MOBILE, user);
        recorder.record(
                "password, allowed origin",
                () -> recorder.passwordGrant(TestRealm.MOBILE, user, "openid")
                        .header("Origin", TestRealm.WEB_ORIGIN)
                        .post());
        recorder.record(
                "password, foreign origin",
                () -> recorder.passwordGrant(TestRealm.MOBILE, user, "openid")
                        .header("Origin", "http://foreign.example")
                        .post());
        recorder.record(
                "password, no scope",
                () -> grant(TestRealm.APP, "password")
                        .param("username", user.username())
                        .param("password", user.username())
                        .post());
        recorder.record(
                "password, unknown scope",
                () -> recorder.passwordGrant(TestRealm.APP, user, "no-such-scope")
                        .post());
        recorder.record(
                "password, optional scopes",
                () -> recorder.passwordGrant(TestRealm.APP, user, "openid phone address microprofile-jwt")
                        .post());
        recorder.record(
                "password, no user name",
                () -> grant(TestRealm.APP, "password")
                        .param("password", user.username())
                        .post());
        recorder.record(
                "password, wrong one",
                () -> grant(TestRealm.APP, "password")
                        .param("username", user.username())
                        .param("password", "wrong")
                        .post());
        password("password, unknown user", TestRealm.APP, Person.named("no-such-user"));
        password("password, disabled user", TestRealm.APP, away);
        password("password, user with a required action", TestRealm.APP, unfinished);
        password("password, wrong secret", TestClient.confidential("app", "wrong"), user);
        password("password, disabled client", disabled, user);
        password("password, client without the grant", browserOnly, user);
    }

    private void password(String name, TestClient client, Person person) {
        recorder.record(
                name, () -> recorder.passwordGrant(client, person, "openid").post());
    }

    private void kindsOfTokens() {
        TestClient light =
                realm.addConfidentialClient("sign-in-light", attributes("client.use.lightweight.access.token.enabled"));
        TestClient withoutRefresh = realm.addConfidentialClient(
                "sign-in-without-refresh", Map.of("attributes", Map.of("use.refresh.tokens", "false")));
        TestClient bound = realm.addConfidentialClient("sign-in-bound", attributes("dpop.bound.access.tokens"));
        DPoPProofs proofs = new DPoPProofs();

        password("lightweight access token", light, user);
        password("admin-cli as shipped", TestClient.publicClient("admin-cli"), user);
        password("client without refresh tokens", withoutRefresh, user);
        recorder.record(
                "offline token",
                () -> recorder.passwordGrant(TestRealm.APP, user, "openid offline_access")
                        .post());
        recorder.record(
                "DPoP",
                () -> recorder.passwordGrant(TestRealm.APP, user, "openid")
                        .header("DPoP", proofs.forPost(realm.uri("/protocol/openid-connect/token")))
                        .post());
        recorder.record(
                "DPoP, client that is bound to it",
                () -> recorder.passwordGrant(bound, user, "openid")
                        .header("DPoP", proofs.forPost(realm.uri("/protocol/openid-connect/token")))
                        .post());
        recorder.record(
                "DPoP, no proof",
                () -> recorder.passwordGrant(bound, user, "openid").post());
        recorder.record(
                "DPoP, proof for another address",
                () -> recorder.passwordGrant(bound, user, "openid")
                        .header("DPoP", proofs.forPost(realm.uri("")))
                        .post());
    }

    private void clientCredentials() {
        TestClient service = realm.addConfidentialClient("sign-in-service", Map.of("serviceAccountsEnabled", true));
        TestClient withRefresh = realm.addConfidentialClient(
                "sign-in-service-refresh",
                Map.of(
                        "serviceAccountsEnabled",
                        true,
                        "attributes",
                        Map.of("client_credentials.use_refresh_token", "true")));

        recorder.record("client credentials", () -> recorder.clientCredentials(service, "openid"));
        recorder.record(
                "client credentials, no scope",
                () -> grant(service, "client_credentials").post());
        recorder.record(
                "client credentials with refresh token", () -> recorder.clientCredentials(withRefresh, "openid"));
        recorder.record(
                "client credentials, no service account", () -> recorder.clientCredentials(TestRealm.APP, "openid"));
        recorder.record(
                "client credentials, public client", () -> recorder.clientCredentials(TestRealm.MOBILE, "openid"));
        recorder.record(
                "client credentials, unknown scope", () -> recorder.clientCredentials(service, "no-such-scope"));
    }

    private void authorizationCodes() {
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);

        recorder.record("code", () -> browser.redeem(TestRealm.APP, browser.code(TestRealm.APP)));
        String foreign = browser.code(TestRealm.APP);
        recorder.record("code of another client", () -> browser.redeem(TestRealm.MOBILE, foreign));
        String misdirected = browser.code(TestRealm.APP);
        recorder.record(
                "code, another redirect",
                () -> grant(TestRealm.APP, "authorization_code")
                        .param("code", misdirected)
                        .param("redirect_uri", TestRealm.WEB_ORIGIN + "/other")
                        .post());
        recorder.record(
                "code, none", () -> grant(TestRealm.APP, "authorization_code").post());
        recorder.record("code, garbage", () -> browser.redeem(TestRealm.APP, "garbage"));
        recorder.record(
                "code, unknown",
                () -> browser.redeem(
                        TestRealm.APP,
                        "00000000-0000-0000-0000-000000000000.no-such-session.00000000-0000-0000-0000-000000000000"));
        BrowserSession other = BrowserSession.signedIn(realm, TestRealm.MOBILE, user);
        recorder.record("code, public client", () -> other.redeem(TestRealm.MOBILE, other.code(TestRealm.MOBILE)));
        String once = other.code(TestRealm.APP);
        other.redeem(TestRealm.APP, once).expect(200);
        recorder.record("code, again", () -> other.redeem(TestRealm.APP, once));
    }

    private static Map<String, ?> attributes(String name) {
        return Map.of("attributes", Map.of(name, "true"));
    }

    private Call grant(TestClient client, String type) {
        return realm.tokenEndpoint().as(client).param("grant_type", type);
    }
}
