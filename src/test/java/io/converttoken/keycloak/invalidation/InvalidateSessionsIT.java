// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.BrowserSession;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Jwts;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.RecordedRequest;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** All of the user's sessions of this client end, with every token of theirs; nobody else's do. */
@ExtendWith(KeycloakExtension.class)
class InvalidateSessionsIT {

    private static final Duration TOLD = Duration.ofSeconds(10);

    private static TestRealm realm;
    private static AdminApi admin;
    private static FakeProvider provider;
    private static TestClient other;

    @BeforeAll
    static void clients(TestRealm testRealm, AdminApi adminApi, FakeProvider fakeProvider) {
        realm = testRealm;
        admin = adminApi;
        provider = fakeProvider;
        other = realm.addConfidentialClient("other", Map.of());
        Invalidations.letIntrospectItself(admin, realm.name(), "app");
        realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
    }

    @Test
    void everyTokenOfTheClientDiesAndEmptySessionsGo() {
        Person user = realm.newUser();
        Answer first = realm.signIn(TestRealm.APP, user);
        Answer second = realm.signIn(TestRealm.APP, user);
        Answer offline = realm.signInOffline(TestRealm.APP, user);
        assertThat(isActive(first.accessToken())).isTrue();

        invalidate(first.accessToken(), "app").expect(204);

        for (Answer tokens : List.of(first, second, offline)) {
            assertThat(isActive(tokens.accessToken())).isFalse();
            assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(401);
            assertDead(TestRealm.APP, tokens.refreshToken());
        }
        assertThat(admin.sessions(realm.name(), user.username())).isEmpty();
        assertThat(admin.offlineSessions(realm.name(), user.username(), "app")).isEmpty();
    }

    @Test
    void ofConversionsToo() {
        Answer tokens = convert(Person.unknown());

        invalidate(tokens.accessToken(), "app").expect(204);

        assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(401);
        assertDead(TestRealm.APP, tokens.refreshToken());
    }

    @Test
    void otherClientsInTheSameBrowserStaySignedIn() {
        Person user = realm.newUser();
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        Answer ofApp = browser.tokens(TestRealm.APP);
        Answer ofOther = browser.tokens(other);
        Answer ofSomebody = realm.signIn(TestRealm.APP, realm.newUser());

        invalidate(ofApp.accessToken(), "app").expect(204);

        assertThat(realm.userInfo(ofApp.accessToken()).status()).isEqualTo(401);
        assertThat(realm.userInfo(ofOther.accessToken()).status()).isEqualTo(200);
        realm.refresh(other, ofOther.refreshToken()).expect(200);
        realm.refresh(TestRealm.APP, ofSomebody.refreshToken()).expect(200);
        assertThat(admin.sessions(realm.name(), user.username())).hasSize(1);
        Answer again = browser.tokens(TestRealm.APP);
        realm.refresh(TestRealm.APP, again.refreshToken()).expect(200);
        assertDead(TestRealm.APP, ofApp.refreshToken());
    }

    @Test
    void callingSessionCanBeSpared() {
        Person user = realm.newUser();
        Answer mine = realm.signIn(TestRealm.APP, user);
        Answer elsewhere = realm.signIn(TestRealm.APP, user);
        Answer offline = realm.signInOffline(TestRealm.APP, user);

        Invalidations.call(realm, "invalidate-sessions", mine.accessToken(), "app")
                .param("except_current", "true")
                .post()
                .expect(204);

        assertThat(realm.userInfo(mine.accessToken()).status()).isEqualTo(200);
        realm.refresh(TestRealm.APP, mine.refreshToken()).expect(200);
        for (Answer dead : List.of(elsewhere, offline)) {
            assertThat(realm.userInfo(dead.accessToken()).status()).isEqualTo(401);
            assertDead(TestRealm.APP, dead.refreshToken());
        }
    }

    /** What another client got in exchange for a token of this one is a child of it. */
    @Test
    void exchangedTokensDieWithTheirParents() {
        TestClient exchanging = realm.addConfidentialClient(
                "exchanging", Map.of("attributes", Map.of("standard.token.exchange.enabled", "true")));
        admin.addProtocolMapper(
                realm.name(),
                "app",
                Map.of(
                        "name", "for exchanging",
                        "protocol", "openid-connect",
                        "protocolMapper", "oidc-audience-mapper",
                        "config", Map.of("included.client.audience", "exchanging", "access.token.claim", "true")));
        Person user = realm.newUser();
        Answer parent = realm.signIn(TestRealm.APP, user);
        Answer unrelated = realm.signIn(exchanging, user);
        Answer child = realm.tokenEndpoint()
                .as(exchanging)
                .param("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .param("subject_token", parent.accessToken())
                .param("subject_token_type", "urn:ietf:params:oauth:token-type:access_token")
                .param("scope", "openid")
                .post()
                .expect(200);
        assertThat(realm.userInfo(child.accessToken()).status()).isEqualTo(200);

        invalidate(parent.accessToken(), "app").expect(204);

        assertThat(realm.userInfo(child.accessToken()).status()).isEqualTo(401);
        assertThat(realm.userInfo(unrelated.accessToken()).status()).isEqualTo(200);
    }

    @Test
    void clientIsToldOncePerSession() {
        TestClient told = realm.addConfidentialClient("told", toldOfSessions());
        Person user = realm.newUser();
        Answer online = realm.signIn(told, user);
        Answer offline = realm.signInOffline(told, user);
        Set<String> sessions = Set.of(sid(online), sid(offline));
        assertThat(sessions).hasSize(2);

        invalidate(online.accessToken(), "told").expect(204);

        Await.until("logout tokens", TOLD, () -> provider.logout().requests().size() == 2);
        Set<String> named = new HashSet<>();
        for (RecordedRequest request : provider.logout().requests()) {
            JsonNode token = Jwts.claims(request.form().getOrDefault("logout_token", ""));
            named.add(token.path("sid").asText());
            assertThat(token.path("sub").asText())
                    .isEqualTo(online.accessTokenClaims().path("sub").asText());
            assertThat(token.path("aud").asText()).isEqualTo("told");
            assertThat(token.path("events").has("http://schemas.openid.net/event/backchannel-logout"))
                    .isTrue();
        }
        assertThat(named).isEqualTo(sessions);
    }

    @Test
    void clientThatHangsOrIsGoneDelaysNobody() {
        provider.logout().holds(Duration.ofSeconds(20));
        TestClient hanging = realm.addConfidentialClient("hanging", toldOfSessions());
        Map<String, Object> nowhere = Map.of(
                "attributes",
                Map.of(
                        "backchannel.logout.url",
                        "http://127.0.0.1:1/logout",
                        "backchannel.logout.session.required",
                        "true"));
        TestClient gone = realm.addConfidentialClient("gone", nowhere);
        for (TestClient client : List.of(hanging, gone)) {
            Person user = realm.newUser();
            List<Answer> sessions = IntStream.range(0, 5)
                    .mapToObj(i -> realm.signIn(client, user))
                    .toList();

            long started = System.nanoTime();
            invalidate(sessions.get(0).accessToken(), client.clientId()).expect(204);
            Duration taken = Duration.ofNanos(System.nanoTime() - started);

            assertThat(taken).isLessThan(Duration.ofSeconds(2));
            sessions.forEach(tokens ->
                    assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(401));
        }
        Await.until("first attempt", TOLD, () -> !provider.logout().requests().isEmpty());
        provider.logout().release();
    }

    @Test
    void severalBatchesOfSessionsEnd() {
        Person user = realm.newUser();
        List<Answer> sessions = IntStream.range(0, 120)
                .mapToObj(i -> realm.signIn(TestRealm.APP, user))
                .toList();

        invalidate(sessions.get(0).accessToken(), "app").expect(204);

        assertThat(admin.sessions(realm.name(), user.username())).isEmpty();
        assertThat(realm.userInfo(sessions.get(119).accessToken()).status()).isEqualTo(401);
    }

    /** Whoever refreshes or asks for userinfo meanwhile brings no session back, not by a cache either. */
    @Test
    void callsDuringAnInvalidationBringNothingBack() throws Exception {
        Person user = realm.newUser();
        List<Answer> sessions = IntStream.range(0, 10)
                .mapToObj(i -> realm.signIn(TestRealm.APP, user))
                .toList();
        List<Answer> answers = Invalidations.atOnce(60, i -> {
            Answer tokens = sessions.get(i % sessions.size());
            if (i == 30) {
                return invalidate(tokens.accessToken(), "app");
            }
            return i % 2 == 0
                    ? realm.refresh(TestRealm.APP, tokens.refreshToken())
                    : realm.userInfo(tokens.accessToken());
        });

        assertThat(answers.get(30).status()).isEqualTo(204);
        assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isIn(200, 204, 400, 401));
        List<Answer> refreshed = answers.stream()
                .filter(answer -> answer.status() == 200 && answer.json().has("refresh_token"))
                .toList();
        for (Answer tokens :
                Stream.concat(sessions.stream(), refreshed.stream()).toList()) {
            assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(401);
            assertDead(TestRealm.APP, tokens.refreshToken());
        }
        assertThat(admin.sessions(realm.name(), user.username())).isEmpty();
    }

    /** Of many sessions some are shared with another client, which stays signed in. */
    @Test
    void sharedSessionsAmongManyKeepTheirOtherClients() {
        Person user = realm.newUser();
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        Answer shared = browser.tokens(TestRealm.APP);
        Answer ofOther = browser.tokens(other);
        List<Answer> alone = IntStream.range(0, 5)
                .mapToObj(i -> realm.signIn(TestRealm.APP, user))
                .toList();

        invalidate(shared.accessToken(), "app").expect(204);

        assertThat(admin.sessions(realm.name(), user.username())).hasSize(1);
        realm.refresh(other, ofOther.refreshToken()).expect(200);
        assertThat(realm.userInfo(ofOther.accessToken()).status()).isEqualTo(200);
        for (Answer tokens : Stream.concat(Stream.of(shared), alone.stream()).toList()) {
            assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(401);
            assertDead(TestRealm.APP, tokens.refreshToken());
        }
    }

    /** Online and offline session have one id, and each its own part of the client; either may be there before the other. */
    @Test
    void offlineSessionsThatOtherClientsKeepTakeNewTokensOnly() {
        Person user = realm.newUser();
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        Answer ofOther = browser.tokens(other, "openid offline_access");
        Answer online = browser.tokens(TestRealm.APP);

        invalidate(online.accessToken(), "app").expect(204);
        Answer first = browser.tokens(TestRealm.APP, "openid offline_access");
        Answer refreshed = realm.refresh(TestRealm.APP, first.refreshToken()).expect(200);
        invalidate(refreshed.accessToken(), "app").expect(204);
        Answer second = browser.tokens(TestRealm.APP, "openid offline_access");
        Answer onlineAgain = browser.tokens(TestRealm.APP);

        for (Answer dead : List.of(online, first, refreshed)) {
            assertDead(TestRealm.APP, dead.refreshToken());
        }
        for (Answer living : List.of(second, onlineAgain)) {
            Answer next = realm.refresh(TestRealm.APP, living.refreshToken()).expect(200);
            realm.refresh(TestRealm.APP, next.refreshToken()).expect(200);
        }
        realm.refresh(other, ofOther.refreshToken()).expect(200);
    }

    @Test
    void callingAgainIsHarmless() {
        Person user = realm.newUser();
        Answer mine = realm.signIn(other, user);
        admin.addClientRole(realm.name(), user.username(), "account", "manage-account");
        mine = realm.signIn(other, user);

        invalidate(mine.accessToken(), "app").expect(204);
        invalidate(mine.accessToken(), "app").expect(204);
    }

    @Test
    void eventNamesTheClient() {
        Answer tokens = realm.signIn(TestRealm.APP, realm.newUser());
        realm.clearEvents();

        invalidate(tokens.accessToken(), "app").expect(204);

        assertThat(realm.event("REVOKE_GRANT").detail("revoked_client")).isEqualTo("app");
    }

    private static Map<String, Object> toldOfSessions() {
        return Map.of(
                "attributes",
                Map.of(
                        "backchannel.logout.url",
                        provider.logout().uri().toString(),
                        "backchannel.logout.session.required",
                        "true"));
    }

    @BeforeEach
    void reset() {
        provider.logout().reset();
    }

    private static String sid(Answer tokens) {
        return tokens.accessTokenClaims().path("sid").asText();
    }

    private static void assertDead(TestClient client, String refreshToken) {
        assertThat(realm.refresh(client, refreshToken).expect(400).error()).isEqualTo("invalid_grant");
    }

    private static boolean isActive(String token) {
        return realm.introspect(TestRealm.APP, token)
                .expect(200)
                .json()
                .path("active")
                .asBoolean();
    }

    private static Answer convert(Person person) {
        return realm.conversion("social", provider.idToken(person).mint())
                .param("scope", "openid")
                .post()
                .expect(200);
    }

    private static Answer invalidate(String bearer, String clientId) {
        return Invalidations.call(realm, "invalidate-sessions", bearer, clientId)
                .post();
    }
}
