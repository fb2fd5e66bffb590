// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.List;
import java.util.Map;

/** Dynamic registration of clients. */
final class RegistrationCalls {

    private static final String OPENID_CONNECT = "openid-connect";
    private static final String DEFAULT = "default";

    private final Recorder recorder;
    private final TestRealm realm;

    private RegistrationCalls(Recorder recorder) {
        this.recorder = recorder;
        this.realm = recorder.realm();
    }

    static void run(Recorder recorder) {
        RegistrationCalls calls = new RegistrationCalls(recorder);
        calls.byOpenIdConnect();
        calls.byKeycloak();
    }

    private void byOpenIdConnect() {
        String initial = recorder.record(
                        "initial token",
                        () -> recorder.adminCall("/clients-initial-access")
                                .json(Map.of("count", 5, "expiration", 300))
                                .post())
                .json()
                .path("token")
                .asText();
        recorder.record("anonymous", () -> at(OPENID_CONNECT).json(client("/*")).post());
        recorder.record(
                "garbage token",
                () -> at(OPENID_CONNECT).bearer("garbage").json(client("/*")).post());
        recorder.record(
                "user's token",
                () -> at(OPENID_CONNECT)
                        .bearer(realm.signInAlice(TestRealm.APP).accessToken())
                        .json(client("/*"))
                        .post());
        recorder.record(
                "bad redirect",
                () -> at(OPENID_CONNECT)
                        .bearer(initial)
                        .json(Map.of("redirect_uris", List.of("javascript:alert(1)")))
                        .post());
        Answer created = recorder.record(
                "create",
                () -> at(OPENID_CONNECT).bearer(initial).json(client("/*")).post());
        String path = OPENID_CONNECT + "/" + created.json().path("client_id").asText();
        recorder.record("read, no token", () -> at(path).get());
        Answer read =
                recorder.record("read", () -> at(path).bearer(token(created)).get());
        Answer updated = recorder.record(
                "update",
                () -> at(path).bearer(token(read))
                        .json(Map.of(
                                "client_id", created.json().path("client_id").asText(),
                                "client_name", "another name",
                                "redirect_uris", List.of(TestRealm.WEB_ORIGIN + "/*")))
                        .put());
        recorder.record(
                "read, former token", () -> at(path).bearer(token(created)).get());
        recorder.record("delete", () -> at(path).bearer(token(updated)).delete());
        recorder.record("read, deleted", () -> at(path).bearer(token(updated)).get());
    }

    private static Map<String, Object> client(String path) {
        return Map.of("client_name", "registered", "redirect_uris", List.of(TestRealm.WEB_ORIGIN + path));
    }

    private static String token(Answer answer) {
        return answer.json().path("registration_access_token").asText();
    }

    private void byKeycloak() {
        String administrator = recorder.admin().accessToken();
        recorder.record(
                "Keycloak's own, foreign administrator",
                () -> at(DEFAULT)
                        .bearer(administrator)
                        .json(Map.of("clientId", "registered"))
                        .post());
        recorder.record(
                "Keycloak's own, anonymous",
                () -> at(DEFAULT).json(Map.of("clientId", "registered")).post());
        String initial = recorder.adminCall("/clients-initial-access")
                .json(Map.of("count", 5, "expiration", 300))
                .post()
                .json()
                .path("token")
                .asText();
        Answer created = recorder.record(
                "Keycloak's own, create",
                () -> at(DEFAULT)
                        .bearer(initial)
                        .json(Map.of("clientId", "registered"))
                        .post());
        recorder.record(
                "Keycloak's own, create again",
                () -> at(DEFAULT)
                        .bearer(initial)
                        .json(Map.of("clientId", "registered"))
                        .post());
        recorder.record(
                "Keycloak's own, read",
                () -> at(DEFAULT + "/registered")
                        .bearer(created.json().path("registrationAccessToken").asText())
                        .get());
        recorder.record(
                "adapter configuration",
                () -> at("install/app").basic("app", "app-secret").get());
        recorder.record("unknown kind", () -> at("no-such-kind").json(Map.of()).post());
    }

    private Call at(String path) {
        return realm.call("/clients-registrations/" + path);
    }
}
