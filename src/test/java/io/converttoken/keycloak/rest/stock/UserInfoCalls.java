// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.DPoPProofs;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.net.URI;
import java.util.Map;

/** The userinfo endpoint. */
final class UserInfoCalls {

    private final Recorder recorder;
    private final TestRealm realm;
    private final Person user;

    private UserInfoCalls(Recorder recorder) {
        this.recorder = recorder;
        this.realm = recorder.realm();
        this.user = recorder.user("info-user");
    }

    static void run(Recorder recorder) {
        UserInfoCalls calls = new UserInfoCalls(recorder);
        calls.answered();
        calls.boundToAKey();
        calls.refused();
    }

    private void answered() {
        TestClient light = client("info-light", Map.of("client.use.lightweight.access.token.enabled", "true"));
        TestClient signed = client("info-signed", Map.of("user.info.response.signature.alg", "RS256"));
        String token =
                recorder.signIn(TestRealm.APP, user, "openid phone address").accessToken();

        get("GET", token);
        recorder.record("POST", () -> recorder.oidc("userinfo").bearer(token).post());
        recorder.record(
                "POST, token in the form",
                () -> recorder.oidc("userinfo").param("access_token", token).post());
        recorder.record(
                "allowed origin",
                () -> recorder.oidc("userinfo")
                        .bearer(token)
                        .header("Origin", TestRealm.WEB_ORIGIN)
                        .get());
        get("lightweight", recorder.signIn(light, user).accessToken());
        get("signed", recorder.signIn(signed, user).accessToken());
        get(
                "client credentials",
                recorder.clientCredentials(light, "openid").expect(200).accessToken());
    }

    private TestClient client(String clientId, Map<String, String> attributes) {
        return realm.addConfidentialClient(clientId, Map.of("serviceAccountsEnabled", true, "attributes", attributes));
    }

    private void boundToAKey() {
        URI userInfo = realm.uri("/protocol/openid-connect/userinfo");
        DPoPProofs proofs = new DPoPProofs();
        String token = recorder.passwordGrant(TestRealm.APP, user, "openid")
                .header("DPoP", proofs.forPost(realm.uri("/protocol/openid-connect/token")))
                .post()
                .expect(200)
                .accessToken();

        recorder.record(
                "DPoP",
                () -> recorder.oidc("userinfo")
                        .header("Authorization", "DPoP " + token)
                        .header("DPoP", proofs.forPost(userInfo, token))
                        .post());
        recorder.record(
                "DPoP, another key",
                () -> recorder.oidc("userinfo")
                        .header("Authorization", "DPoP " + token)
                        .header("DPoP", new DPoPProofs().forPost(userInfo, token))
                        .post());
        recorder.record(
                "DPoP, as a bearer token",
                () -> recorder.oidc("userinfo").bearer(token).post());
    }

    private void refused() {
        Answer tokens = recorder.signIn(TestRealm.APP, user);

        recorder.record("no token", () -> recorder.oidc("userinfo").get());
        get("garbage", "garbage");
        get("forged", tokens.accessToken() + "x");
        get("refresh token", tokens.refreshToken());
        get("ID token", tokens.idToken());
        get(
                "without OpenID Connect",
                recorder.signIn(TestRealm.APP, user, "email").accessToken());
        get("of the master realm", recorder.admin().accessToken());
        get("expired", recorder.expiring().expired().accessToken());
        recorder.endSession(tokens);
        get("session has ended", tokens.accessToken());
    }

    private void get(String name, String token) {
        recorder.record(name, () -> realm.userInfo(token));
    }
}
