// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserSession;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.DPoPProofs;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.Seconds;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.net.URI;
import java.util.Map;

/** Refresh tokens at the token endpoint. */
final class RefreshCalls {

    private final Recorder recorder;
    private final TestRealm realm;
    private final Person user;

    private RefreshCalls(Recorder recorder) {
        this.recorder = recorder;
        this.realm = recorder.realm();
        this.user = recorder.user("refresh-user");
    }

    static void run(Recorder recorder) {
        RefreshCalls calls = new RefreshCalls(recorder);
        calls.online();
        calls.offline();
        calls.byBrowser();
        calls.boundToAKey();
        calls.rotated();
    }

    private void online() {
        TestClient light = realm.addConfidentialClient(
                "refresh-light", Map.of("attributes", Map.of("client.use.lightweight.access.token.enabled", "true")));
        Answer tokens = recorder.signIn(TestRealm.APP, user, "openid phone");

        Answer next = refresh("refresh", TestRealm.APP, tokens.refreshToken());
        refresh("refreshed refresh token", TestRealm.APP, next.refreshToken());
        refresh("former refresh token, no rotation", TestRealm.APP, tokens.refreshToken());
        refresh(
                "public client",
                TestRealm.MOBILE,
                recorder.signIn(TestRealm.MOBILE, user).refreshToken());
        refresh("lightweight access token", light, recorder.signIn(light, user).refreshToken());
        recorder.record(
                "less scope",
                () -> request(TestRealm.APP, tokens.refreshToken())
                        .param("scope", "openid email")
                        .post());
        recorder.record(
                "more scope",
                () -> request(TestRealm.APP, tokens.refreshToken())
                        .param("scope", "openid address")
                        .post());
        recorder.record(
                "no OpenID Connect",
                () -> realm.refresh(
                        TestRealm.APP,
                        recorder.signIn(TestRealm.APP, user, "email").refreshToken()));
        refresh("another client's", TestRealm.MOBILE, tokens.refreshToken());
        refresh("wrong secret", TestClient.confidential("app", "wrong"), tokens.refreshToken());
        refresh("access token", TestRealm.APP, tokens.accessToken());
        refresh("ID token", TestRealm.APP, tokens.idToken());
        refresh("garbage", TestRealm.APP, "garbage");
        refresh("forged", TestRealm.APP, tokens.refreshToken() + "x");
        recorder.record(
                "none",
                () -> realm.tokenEndpoint()
                        .as(TestRealm.APP)
                        .param("grant_type", "refresh_token")
                        .post());
        refresh(
                "expired",
                recorder.expiring().client(),
                recorder.expiring().expired().refreshToken());
        recorder.endSession(tokens);
        refresh("session has ended", TestRealm.APP, tokens.refreshToken());
        Person away = recorder.user("refresh-away");
        String ofAway = recorder.signIn(TestRealm.APP, away).refreshToken();
        recorder.admin().updateUser(realm.name(), away.username(), Map.of("enabled", false));
        refresh("disabled user", TestRealm.APP, ofAway);
        Person gone = recorder.user("refresh-gone");
        String ofGone = recorder.signIn(TestRealm.APP, gone).refreshToken();
        recorder.admin().deleteUser(realm.name(), gone.username());
        refresh("deleted user", TestRealm.APP, ofGone);
    }

    private void offline() {
        Answer tokens = recorder.signIn(TestRealm.APP, user, "openid offline_access");

        Answer next = refresh("offline", TestRealm.APP, tokens.refreshToken());
        refresh("offline, refreshed", TestRealm.APP, next.refreshToken());
        refresh("offline, another client's", TestRealm.MOBILE, tokens.refreshToken());
    }

    private void byBrowser() {
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        Answer first = browser.tokens(TestRealm.APP);
        Answer offline = browser.tokens(TestRealm.MOBILE, "openid offline_access");

        refresh("of a browser session", TestRealm.APP, first.refreshToken());
        refresh("offline, of a browser session", TestRealm.MOBILE, offline.refreshToken());
        browser.tokensAfterPassword(TestRealm.APP, user);
        refresh("of a browser session, after another sign-in", TestRealm.APP, first.refreshToken());
    }

    private void boundToAKey() {
        URI endpoint = realm.uri("/protocol/openid-connect/token");
        DPoPProofs proofs = new DPoPProofs();
        TestClient bound = realm.addPublicClient(
                "refresh-bound", Map.of("attributes", Map.of("dpop.bound.access.tokens", "true")));
        String token = recorder.passwordGrant(bound, user, "openid")
                .header("DPoP", proofs.forPost(endpoint))
                .post()
                .expect(200)
                .refreshToken();

        recorder.record(
                "DPoP",
                () -> request(bound, token)
                        .header("DPoP", proofs.forPost(endpoint))
                        .post());
        recorder.record(
                "DPoP, another key",
                () -> request(bound, token)
                        .header("DPoP", new DPoPProofs().forPost(endpoint))
                        .post());
        refresh("DPoP, no proof", bound, token);
    }

    /** Last, because it is a setting of the realm. */
    private void rotated() {
        recorder.admin().updateRealm(realm.name(), Map.of("revokeRefreshToken", true, "refreshTokenMaxReuse", 0));
        Answer tokens = recorder.signIn(TestRealm.APP, user);
        Answer offline = recorder.signIn(TestRealm.APP, user, "openid offline_access");
        Seconds.next();

        Answer next = refresh("rotation", TestRealm.APP, tokens.refreshToken());
        refresh("rotation, former token again", TestRealm.APP, tokens.refreshToken());
        refresh("rotation, next token after that", TestRealm.APP, next.refreshToken());
        Answer nextOffline = refresh("rotation, offline", TestRealm.APP, offline.refreshToken());
        refresh("rotation, offline, next token", TestRealm.APP, nextOffline.refreshToken());
        refresh("rotation, offline, former token again", TestRealm.APP, offline.refreshToken());
        recorder.admin().updateRealm(realm.name(), Map.of("revokeRefreshToken", false));
    }

    private Answer refresh(String name, TestClient client, String token) {
        return recorder.record(name, () -> realm.refresh(client, token));
    }

    private Call request(TestClient client, String token) {
        return realm.tokenEndpoint()
                .as(client)
                .param("grant_type", "refresh_token")
                .param("refresh_token", token);
    }
}
