// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;

/** Logout and revocation, before which the extension looks at the refresh token. */
final class EndCalls {

    private final Recorder recorder;
    private final TestRealm realm;
    private final Person user;

    private EndCalls(Recorder recorder) {
        this.recorder = recorder;
        this.realm = recorder.realm();
        this.user = recorder.user("end-user");
    }

    static void run(Recorder recorder) {
        EndCalls calls = new EndCalls(recorder);
        calls.logout();
        calls.logoutByBrowser();
        calls.logoutByBackchannel();
        calls.revocation();
    }

    private void logout() {
        Answer tokens = signIn();
        Answer offline = recorder.signIn(TestRealm.APP, user, "openid offline_access");
        Answer ofMobile = recorder.signIn(TestRealm.MOBILE, user);

        logout("logout, wrong secret", TestClient.confidential("app", "wrong"), tokens.refreshToken());
        logout("logout, another client's refresh token", TestRealm.APP, ofMobile.refreshToken());
        logout("logout, access token", TestRealm.APP, tokens.accessToken());
        logout("logout, garbage", TestRealm.APP, "garbage");
        logout("logout", TestRealm.APP, tokens.refreshToken());
        logout("logout, again", TestRealm.APP, tokens.refreshToken());
        recorder.record("refresh after logout", () -> realm.refresh(TestRealm.APP, tokens.refreshToken()));
        logout("logout, public client", TestRealm.MOBILE, ofMobile.refreshToken());
        logout("logout, offline token", TestRealm.APP, offline.refreshToken());
        recorder.record(
                "refresh after logout, offline token", () -> realm.refresh(TestRealm.APP, offline.refreshToken()));
        recorder.record(
                "logout, no token",
                () -> recorder.oidc("logout").as(TestRealm.APP).post());
    }

    private void logout(String name, TestClient client, String refreshToken) {
        recorder.record(
                name,
                () -> recorder.oidc("logout")
                        .as(client)
                        .param("refresh_token", refreshToken)
                        .post());
    }

    private void logoutByBrowser() {
        recorder.record(
                "browser logout, nothing said", () -> recorder.oidc("logout").get());
        recorder.record("browser logout, garbage", () -> hinted("garbage").get());
        recorder.record(
                "browser logout, access token",
                () -> hinted(signIn().accessToken()).get());
        recorder.record(
                "browser logout, foreign redirect",
                () -> hinted(signIn().idToken())
                        .param("post_logout_redirect_uri", "http://foreign.example/")
                        .get());
        recorder.record(
                "browser logout",
                () -> hinted(signIn().idToken())
                        .param("post_logout_redirect_uri", TestRealm.WEB_ORIGIN + "/bye")
                        .get());
        recorder.record(
                "browser logout by POST", () -> hinted(signIn().idToken()).post());
        recorder.record(
                "browser logout, client only",
                () -> recorder.oidc("logout")
                        .param("client_id", TestRealm.APP.clientId())
                        .param("post_logout_redirect_uri", TestRealm.WEB_ORIGIN + "/bye")
                        .get());
    }

    private Call hinted(String idToken) {
        return recorder.oidc("logout").param("id_token_hint", idToken);
    }

    private void logoutByBackchannel() {
        recorder.record(
                "backchannel logout, no token",
                () -> recorder.oidc("logout/backchannel-logout").post());
        recorder.record(
                "backchannel logout, garbage",
                () -> recorder.oidc("logout/backchannel-logout")
                        .param("logout_token", "garbage")
                        .post());
        recorder.record(
                "backchannel logout, ID token",
                () -> recorder.oidc("logout/backchannel-logout")
                        .param("logout_token", signIn().idToken())
                        .post());
    }

    private void revocation() {
        Answer tokens = signIn();
        Answer offline = recorder.signIn(TestRealm.APP, user, "openid offline_access");

        revoke("revocation, wrong secret", TestClient.confidential("app", "wrong"), tokens.refreshToken());
        revoke("revocation, foreign access token", TestRealm.MOBILE, tokens.accessToken());
        revoke("revocation, foreign refresh token", TestRealm.MOBILE, tokens.refreshToken());
        revoke("revocation, garbage", TestRealm.APP, "garbage");
        revoke("revocation, forged", TestRealm.APP, tokens.refreshToken() + "x");
        revoke("revocation, ID token", TestRealm.APP, tokens.idToken());
        recorder.record(
                "revocation, none",
                () -> recorder.oidc("revoke").as(TestRealm.APP).post());
        recorder.record(
                "revocation, two",
                () -> recorder.oidc("revoke")
                        .as(TestRealm.APP)
                        .param("token", tokens.accessToken())
                        .param("token", tokens.accessToken())
                        .post());
        recorder.record(
                "revocation, unknown hint",
                () -> recorder.oidc("revoke")
                        .as(TestRealm.APP)
                        .param("token", signIn().refreshToken())
                        .param("token_type_hint", "no-such-type")
                        .post());
        recorder.record(
                "revocation, allowed origin",
                () -> recorder.oidc("revoke")
                        .as(TestRealm.MOBILE)
                        .param("token", recorder.signIn(TestRealm.MOBILE, user).refreshToken())
                        .header("Origin", TestRealm.WEB_ORIGIN)
                        .post());
        revoke("revocation, access token", TestRealm.APP, tokens.accessToken());
        recorder.record("user info after revocation", () -> realm.userInfo(tokens.accessToken()));
        recorder.record(
                "refresh after revocation of the access token",
                () -> realm.refresh(TestRealm.APP, tokens.refreshToken()));
        revoke("revocation, refresh token", TestRealm.APP, tokens.refreshToken());
        revoke("revocation, refresh token again", TestRealm.APP, tokens.refreshToken());
        recorder.record("refresh after revocation", () -> realm.refresh(TestRealm.APP, tokens.refreshToken()));
        revoke("revocation, offline token", TestRealm.APP, offline.refreshToken());
        recorder.record(
                "refresh after revocation, offline token", () -> realm.refresh(TestRealm.APP, offline.refreshToken()));
    }

    private void revoke(String name, TestClient client, String token) {
        recorder.record(
                name,
                () -> recorder.oidc("revoke").as(client).param("token", token).post());
    }

    private Answer signIn() {
        return recorder.signIn(TestRealm.APP, user);
    }
}
