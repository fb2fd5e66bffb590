// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserSession;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.net.URI;
import java.util.Map;

/** The grants by which somebody signs in elsewhere: on another device, by a backchannel, by an assertion. */
final class OtherGrantCalls {

    private static final String DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
    private static final String CIBA = "urn:openid:params:grant-type:ciba";
    private static final String ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private final Recorder recorder;
    private final TestRealm realm;
    private final Person user;

    private OtherGrantCalls(Recorder recorder) {
        this.recorder = recorder;
        this.realm = recorder.realm();
        this.user = recorder.user("device-user");
    }

    static void run(Recorder recorder) {
        OtherGrantCalls calls = new OtherGrantCalls(recorder);
        calls.device();
        calls.backchannel();
        calls.assertion();
    }

    private void device() {
        TestClient device = realm.addConfidentialClient(
                "device", Map.of("attributes", Map.of("oauth2.device.authorization.grant.enabled", "true")));
        TestClient other = realm.addConfidentialClient(
                "device-other", Map.of("attributes", Map.of("oauth2.device.authorization.grant.enabled", "true")));

        Answer codes = recorder.record("device asks", () -> ask(device).post());
        recorder.record(
                "device asks, client without the grant",
                () -> ask(TestRealm.APP).post());
        recorder.record(
                "device asks, wrong secret",
                () -> ask(TestClient.confidential("device", "wrong")).post());
        String pending = codes.json().path("device_code").asText();
        recorder.record("device waits", () -> redeem(device, pending));
        recorder.record("device asks too often", () -> redeem(device, pending));
        recorder.record("device code of another client", () -> redeem(other, pending));
        recorder.record("device code, unknown", () -> redeem(device, "no-such-code"));
        recorder.record(
                "device code, none",
                () -> realm.tokenEndpoint()
                        .as(device)
                        .param("grant_type", DEVICE_CODE)
                        .post());
        recorder.record("device code, client without the grant", () -> redeem(TestRealm.APP, pending));
        Answer approved = ask(device).post().expect(200);
        BrowserSession.signedIn(realm, TestRealm.APP, user)
                .approve(URI.create(
                        approved.json().path("verification_uri_complete").asText()));
        String code = approved.json().path("device_code").asText();
        recorder.record("device signs in", () -> redeem(device, code));
        recorder.record("device code, again", () -> redeem(device, code));
    }

    private Call ask(TestClient client) {
        return recorder.oidc("auth/device").as(client).param("scope", "openid");
    }

    private Answer redeem(TestClient client, String code) {
        return realm.tokenEndpoint()
                .as(client)
                .param("grant_type", DEVICE_CODE)
                .param("device_code", code)
                .post();
    }

    private void backchannel() {
        TestClient ciba = realm.addConfidentialClient(
                "ciba",
                Map.of(
                        "attributes",
                        Map.of("oidc.ciba.grant.enabled", "true", "ciba.backchannel.token.delivery.mode", "poll")));

        recorder.record("CIBA, no user", () -> initiate(ciba).post());
        recorder.record(
                "CIBA, unknown user",
                () -> initiate(ciba).param("login_hint", "no-such-user").post());
        recorder.record(
                "CIBA, no channel to the user",
                () -> initiate(ciba).param("login_hint", user.username()).post());
        recorder.record(
                "CIBA, client without the grant",
                () -> initiate(TestRealm.APP)
                        .param("login_hint", user.username())
                        .post());
        recorder.record(
                "CIBA, unknown request",
                () -> realm.tokenEndpoint()
                        .as(ciba)
                        .param("grant_type", CIBA)
                        .param("auth_req_id", "no-such-request")
                        .post());
        recorder.record(
                "CIBA, no request",
                () -> realm.tokenEndpoint().as(ciba).param("grant_type", CIBA).post());
    }

    private Call initiate(TestClient client) {
        return recorder.oidc("ext/ciba/auth").as(client).param("scope", "openid");
    }

    private void assertion() {
        recorder.record(
                "assertion, none",
                () -> realm.tokenEndpoint()
                        .as(TestRealm.APP)
                        .param("grant_type", ASSERTION)
                        .post());
        recorder.record(
                "assertion, garbage",
                () -> realm.tokenEndpoint()
                        .as(TestRealm.APP)
                        .param("grant_type", ASSERTION)
                        .param("assertion", "garbage")
                        .post());
        String idToken = recorder.signIn(TestRealm.APP, user).idToken();
        recorder.record(
                "assertion, ID token of the realm",
                () -> realm.tokenEndpoint()
                        .as(TestRealm.APP)
                        .param("grant_type", ASSERTION)
                        .param("assertion", idToken)
                        .post());
    }
}
