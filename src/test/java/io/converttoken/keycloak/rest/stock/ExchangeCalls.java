// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Audiences;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.Map;

/** Token exchange, which the extension answers for its own backends only, and there are none here. */
final class ExchangeCalls {

    private static final String GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
    private static final String REFRESH_TOKEN = "urn:ietf:params:oauth:token-type:refresh_token";
    private static final String ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";
    private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";

    private static final String PROVIDER = "exchange-provider";

    private final Recorder recorder;
    private final TestRealm realm;
    private final TestClient client;
    private final TestClient target;
    private final Answer tokens;

    private ExchangeCalls(Recorder recorder) {
        this.recorder = recorder;
        this.realm = recorder.realm();
        this.client = realm.addConfidentialClient(
                "exchange",
                Map.of(
                        "attributes",
                        Map.of(
                                "standard.token.exchange.enabled",
                                "true",
                                "standard.token.exchange.enableRefreshRequestedTokenType",
                                "SAME_SESSION")));
        this.target = realm.addConfidentialClient("exchange-target", Map.of());
        Audiences.add(realm, "exchange", "exchange", "exchange-target");
        Audiences.add(realm, "app", "exchange");
        Person user = recorder.user("exchange-user");
        this.tokens = recorder.signIn(TestRealm.APP, user);
    }

    static void run(Recorder recorder) {
        ExchangeCalls calls = new ExchangeCalls(recorder);
        calls.internal();
        calls.external();
    }

    private void internal() {
        Answer exchanged = recorder.record(
                "access token", () -> exchange(client, tokens.accessToken()).post());
        recorder.record(
                "exchanged once more",
                () -> exchange(client, exchanged.accessToken()).post());
        recorder.record(
                "audience",
                () -> exchange(client, tokens.accessToken())
                        .param("audience", target.clientId())
                        .post());
        recorder.record(
                "unknown audience",
                () -> exchange(client, tokens.accessToken())
                        .param("audience", "no-such-client")
                        .post());
        recorder.record(
                "scope",
                () -> exchange(client, tokens.accessToken())
                        .param("scope", "openid email")
                        .post());
        Answer withRefresh = recorder.record(
                "refresh token asked for",
                () -> exchange(client, tokens.accessToken())
                        .param("requested_token_type", REFRESH_TOKEN)
                        .post());
        recorder.record("its refresh token", () -> realm.refresh(client, withRefresh.refreshToken()));
        recorder.record(
                "ID token asked for",
                () -> exchange(client, tokens.accessToken())
                        .param("requested_token_type", ID_TOKEN)
                        .param("scope", "openid")
                        .post());
        recorder.record(
                "unknown type asked for",
                () -> exchange(client, tokens.accessToken())
                        .param("requested_token_type", "no-such-type")
                        .post());
        recorder.record(
                "client without the grant",
                () -> exchange(target, tokens.accessToken()).post());
        recorder.record(
                "public client",
                () -> exchange(TestRealm.MOBILE, tokens.accessToken()).post());
        recorder.record(
                "client that the token is not for",
                () -> exchange(
                                client,
                                recorder.signIn(TestRealm.MOBILE, TestRealm.ALICE)
                                        .accessToken())
                        .post());
        recorder.record(
                "refresh token", () -> exchange(client, tokens.refreshToken()).post());
        recorder.record("garbage", () -> exchange(client, "garbage").post());
        recorder.record(
                "nothing",
                () -> realm.tokenEndpoint()
                        .as(client)
                        .param("grant_type", GRANT)
                        .post());
        recorder.record(
                "subject token of type ID token",
                () -> typed(tokens.idToken(), ID_TOKEN).post());
        recorder.record(
                "subject token of type JWT",
                () -> typed(tokens.accessToken(), JWT).post());
        recorder.record(
                "subject token of type refresh token",
                () -> typed(tokens.refreshToken(), REFRESH_TOKEN).post());
    }

    private void external() {
        IdentityProviderCalls.addProvider(recorder, PROVIDER);
        recorder.record(
                "unknown issuer",
                () -> exchange(client, tokens.accessToken())
                        .param("subject_issuer", "no-such-issuer")
                        .post());
        recorder.record(
                "identity provider that is no backend",
                () -> exchange(client, tokens.accessToken())
                        .param("subject_issuer", PROVIDER)
                        .post());
        recorder.record(
                "identity provider that is no backend, ID token",
                () -> typed(tokens.idToken(), ID_TOKEN)
                        .param("subject_issuer", PROVIDER)
                        .post());
        recorder.record(
                "issuer asked for",
                () -> exchange(client, tokens.accessToken())
                        .param("requested_issuer", PROVIDER)
                        .post());
        recorder.record(
                "user asked for",
                () -> exchange(client, tokens.accessToken())
                        .param("requested_subject", "alice")
                        .post());
    }

    private Call exchange(TestClient by, String token) {
        return realm.tokenEndpoint()
                .as(by)
                .param("grant_type", GRANT)
                .param("subject_token", token)
                .param("subject_token_type", ACCESS_TOKEN);
    }

    private Call typed(String token, String type) {
        return realm.tokenEndpoint()
                .as(client)
                .param("grant_type", GRANT)
                .param("subject_token", token)
                .param("subject_token_type", type);
    }
}
