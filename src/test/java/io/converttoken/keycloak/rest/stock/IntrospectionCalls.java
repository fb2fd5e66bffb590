// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Audiences;
import io.converttoken.keycloak.testing.BrowserSession;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.DPoPProofs;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.List;
import java.util.Map;

/** Introspection of all kinds of tokens: the extension replaces each of Keycloak's three providers of it. */
final class IntrospectionCalls {

    private static final List<String> HINTS = List.of("access_token", "refresh_token", "requesting_party_token");

    private final Recorder recorder;
    private final TestRealm realm;
    private final TestClient client;
    private final Person user;

    private IntrospectionCalls(Recorder recorder) {
        this.recorder = recorder;
        this.realm = recorder.realm();
        this.client = client("introspect", Map.of("client.introspection.response.allow.jwt.claim.enabled", "true"));
        this.user = recorder.user("introspect-user");
    }

    private TestClient client(String clientId, Map<String, String> attributes) {
        TestClient added =
                realm.addConfidentialClient(clientId, Map.of("serviceAccountsEnabled", true, "attributes", attributes));
        Audiences.add(realm, clientId, "introspect");
        return added;
    }

    static void run(Recorder recorder) {
        IntrospectionCalls calls = new IntrospectionCalls(recorder);
        calls.ownTokens();
        calls.kindsOfAccessTokens();
        calls.refusedCallers();
        calls.noLongerActive();
    }

    private void ownTokens() {
        Answer tokens = recorder.signIn(client, user);
        Answer offline = recorder.signIn(client, user, "openid offline_access");
        underEveryHint("access token", tokens.accessToken());
        underEveryHint("refresh token", tokens.refreshToken());
        underEveryHint("offline token", offline.refreshToken());
        underEveryHint("ID token", tokens.idToken());
        underEveryHint("garbage", "garbage");
        underEveryHint("forged", tokens.accessToken() + "x");
        recorder.record(
                "unknown hint",
                () -> request(tokens.accessToken())
                        .param("token_type_hint", "no-such-type")
                        .post());
        recorder.record(
                "as JWT",
                () -> request(tokens.accessToken())
                        .header("Accept", "application/jwt")
                        .post());
        recorder.record(
                "as JWT, refresh token",
                () -> request(tokens.refreshToken())
                        .param("token_type_hint", "refresh_token")
                        .header("Accept", "application/jwt")
                        .post());
        recorder.record(
                "as JWT, client without it",
                () -> recorder.oidc("token/introspect")
                        .as(TestRealm.APP)
                        .param("token", tokens.accessToken())
                        .header("Accept", "application/jwt")
                        .post());
        introspect(
                "refreshed access token",
                realm.refresh(client, tokens.refreshToken()).accessToken());
        introspect(
                "access token of a browser session",
                BrowserSession.signedIn(realm, client, user).tokens(client).accessToken());
        BrowserSession impersonating = BrowserSession.impersonating(realm, user);
        introspect("impersonated", impersonating.tokens(client).accessToken());
    }

    private void underEveryHint(String name, String token) {
        introspect(name, token);
        for (String hint : HINTS) {
            recorder.record(
                    name + " as " + hint,
                    () -> request(token).param("token_type_hint", hint).post());
        }
    }

    private void kindsOfAccessTokens() {
        TestClient light = client("introspect-light", Map.of("client.use.lightweight.access.token.enabled", "true"));
        TestClient bound = client("introspect-bound", Map.of("dpop.bound.access.tokens", "true"));
        introspect("lightweight", recorder.signIn(light, user).accessToken());
        introspect(
                "lightweight, its refresh token", recorder.signIn(light, user).refreshToken());
        introspect(
                "client credentials",
                recorder.clientCredentials(client, "openid").expect(200).accessToken());
        introspect(
                "lightweight, client credentials",
                recorder.clientCredentials(light, "openid").expect(200).accessToken());
        introspect(
                "bound to a key",
                recorder.passwordGrant(bound, user, "openid")
                        .header("DPoP", new DPoPProofs().forPost(realm.uri("/protocol/openid-connect/token")))
                        .post()
                        .expect(200)
                        .accessToken());
        introspect(
                "without OpenID Connect", recorder.signIn(client, user, "email").accessToken());
        introspect("for another client", recorder.signIn(TestRealm.APP, user).accessToken());
        introspect(
                "another client's refresh token",
                recorder.signIn(TestRealm.APP, user).refreshToken());
        introspect("of the master realm", recorder.admin().accessToken());
    }

    private void refusedCallers() {
        String token = recorder.signIn(client, user).accessToken();
        recorder.record(
                "no client",
                () -> recorder.oidc("token/introspect").param("token", token).post());
        recorder.record(
                "public client",
                () -> recorder.oidc("token/introspect")
                        .as(TestRealm.MOBILE)
                        .param("token", token)
                        .post());
        recorder.record(
                "wrong secret",
                () -> recorder.oidc("token/introspect")
                        .as(TestClient.confidential("introspect", "wrong"))
                        .param("token", token)
                        .post());
        recorder.record(
                "no token", () -> recorder.oidc("token/introspect").as(client).post());
        recorder.record("two tokens", () -> request(token).param("token", token).post());
        recorder.record("GET", () -> request(token).get());
    }

    private void noLongerActive() {
        TestClient brief =
                client("introspect-brief", Map.of("access.token.lifespan", "1", "client.session.max.lifespan", "1"));
        Person away = recorder.user("introspect-away");
        Answer ofAway = recorder.signIn(client, away);
        Answer ofEnded = recorder.signIn(client, user);
        recorder.admin().updateUser(realm.name(), away.username(), Map.of("enabled", false));
        recorder.endSession(ofEnded);

        introspect("disabled user", ofAway.accessToken());
        introspect("disabled user, refresh token", ofAway.refreshToken());
        introspect("session has ended", ofEnded.accessToken());
        introspect("session has ended, refresh token", ofEnded.refreshToken());
        Answer expired = recorder.expiring().expired();
        introspect("expired", recorder.expiring().client(), expired.accessToken());
        introspect("expired, refresh token", recorder.expiring().client(), expired.refreshToken());
        recorder.admin().deleteUser(realm.name(), away.username());
        introspect("deleted user", ofAway.accessToken());
    }

    private void introspect(String name, String token) {
        introspect(name, client, token);
    }

    private void introspect(String name, TestClient by, String token) {
        recorder.record(name, () -> realm.introspect(by, token));
    }

    private Call request(String token) {
        return recorder.oidc("token/introspect").as(client).param("token", token);
    }
}
