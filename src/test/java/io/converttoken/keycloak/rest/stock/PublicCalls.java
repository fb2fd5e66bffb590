// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;

/** What anybody may ask: metadata, keys, the authorization endpoint before a sign-in, pushed authorization requests. */
final class PublicCalls {

    private static final String CALLBACK = TestRealm.WEB_ORIGIN + "/callback";

    private final Recorder recorder;
    private final TestRealm realm;

    private PublicCalls(Recorder recorder) {
        this.recorder = recorder;
        this.realm = recorder.realm();
    }

    static void run(Recorder recorder) {
        PublicCalls calls = new PublicCalls(recorder);
        calls.metadata();
        calls.authorizationEndpoint();
        calls.pushedRequests();
    }

    private void metadata() {
        get("realm", "");
        get("OpenID Connect discovery", "/.well-known/openid-configuration");
        get("UMA discovery", "/.well-known/uma2-configuration");
        get("unknown discovery", "/.well-known/no-such-configuration");
        get("keys", "/protocol/openid-connect/certs");
        get("login status page", "/protocol/openid-connect/login-status-iframe.html");
        recorder.record(
                "login status of a client",
                () -> recorder.oidc("login-status-iframe.html/init")
                        .param("client_id", TestRealm.MOBILE.clientId())
                        .param("origin", TestRealm.WEB_ORIGIN)
                        .get());
        recorder.record(
                "login status, foreign origin",
                () -> recorder.oidc("login-status-iframe.html/init")
                        .param("client_id", TestRealm.MOBILE.clientId())
                        .param("origin", "http://foreign.example")
                        .get());
        get("account console", "/account");
        get("unknown path", "/no-such-path");
        recorder.record(
                "unknown realm",
                () -> Call.to(realm.keycloak().base().resolve("/realms/no-such-realm"))
                        .get());
    }

    private void get(String name, String path) {
        recorder.record(name, () -> realm.call(path).get());
    }

    private void authorizationEndpoint() {
        recorder.record(
                "login page",
                () -> request(TestRealm.APP.clientId(), CALLBACK)
                        .param("response_type", "code")
                        .get());
        recorder.record(
                "login page, unknown client",
                () -> request("no-such-client", CALLBACK)
                        .param("response_type", "code")
                        .get());
        recorder.record(
                "login page, foreign redirect",
                () -> request(TestRealm.APP.clientId(), "http://foreign.example/")
                        .param("response_type", "code")
                        .get());
        recorder.record(
                "login page, no response type",
                () -> request(TestRealm.APP.clientId(), CALLBACK).get());
        recorder.record(
                "login page, implicit flow is off",
                () -> request(TestRealm.APP.clientId(), CALLBACK)
                        .param("response_type", "token")
                        .get());
        recorder.record(
                "login page, nobody is signed in",
                () -> request(TestRealm.APP.clientId(), CALLBACK)
                        .param("response_type", "code")
                        .param("prompt", "none")
                        .get());
        recorder.record(
                "login page, unknown scope",
                () -> recorder.oidc("auth")
                        .param("client_id", TestRealm.APP.clientId())
                        .param("redirect_uri", CALLBACK)
                        .param("response_type", "code")
                        .param("scope", "openid no-such-scope")
                        .get());
    }

    private Call request(String clientId, String redirect) {
        return recorder.oidc("auth")
                .param("client_id", clientId)
                .param("redirect_uri", redirect)
                .param("scope", "openid")
                .param("state", "state");
    }

    private void pushedRequests() {
        Answer pushed = recorder.record(
                "pushed request", () -> push(TestRealm.APP, CALLBACK).post());
        recorder.record(
                "login page of a pushed request",
                () -> recorder.oidc("auth")
                        .param("client_id", TestRealm.APP.clientId())
                        .param("request_uri", pushed.json().path("request_uri").asText())
                        .get());
        recorder.record(
                "login page of an unknown pushed request",
                () -> recorder.oidc("auth")
                        .param("client_id", TestRealm.APP.clientId())
                        .param("request_uri", "urn:ietf:params:oauth:request_uri:no-such-request")
                        .get());
        recorder.record(
                "pushed request, wrong secret",
                () -> push(TestClient.confidential(TestRealm.APP.clientId(), "wrong"), CALLBACK)
                        .post());
        recorder.record(
                "pushed request, foreign redirect",
                () -> push(TestRealm.APP, "http://foreign.example/").post());
        recorder.record(
                "pushed request that names another",
                () -> push(TestRealm.APP, CALLBACK)
                        .param("request_uri", "urn:ietf:params:oauth:request_uri:no-such-request")
                        .post());
    }

    private Call push(TestClient client, String redirect) {
        return recorder.oidc("ext/par/request")
                .as(client)
                .param("redirect_uri", redirect)
                .param("response_type", "code")
                .param("scope", "openid");
    }
}
