// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserSession;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A person sees the own sessions, and ends one of them; the others go on. */
@ExtendWith(KeycloakExtension.class)
class OwnSessionsIT {

    private static TestRealm realm;
    private static AdminApi admin;
    private static FakeProvider provider;
    private static TestClient other;
    private static TestClient narrow;

    @BeforeAll
    static void clients(TestRealm testRealm, AdminApi adminApi, FakeProvider fakeProvider) {
        realm = testRealm;
        admin = adminApi;
        provider = fakeProvider;
        other = realm.addConfidentialClient("other", Map.of());
        narrow = realm.addConfidentialClient("narrow", Map.of("fullScopeAllowed", false));
        // Keycloak does not save the first of them by default
        admin.updateRealm(
                realm.name(), Map.of("enabledEventTypes", List.of("USER_INFO_REQUEST_ERROR", "REVOKE_GRANT_ERROR")));
        realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
    }

    // what is shown

    @Test
    void sessionIsDescribed() {
        long before = Instant.now().getEpochSecond();
        Person user = realm.newUser();

        Answer tokens = realm.signIn(TestRealm.APP, user);

        JsonNode shown = only(sessions(tokens, ""));
        assertThat(shown.path("id").asText())
                .isEqualTo(tokens.accessTokenClaims().path("sid").asText());
        assertThat(shown.path("client_id").asText()).isEqualTo("app");
        assertThat(shown.path("started").asLong())
                .isBetween(before, Instant.now().getEpochSecond());
        assertThat(shown.path("last_used").asLong())
                .isBetween(before, Instant.now().getEpochSecond());
        assertThat(shown.path("ip_address").asText()).isEqualTo("127.0.0.1");
        assertThat(shown.has("backend")).isFalse();
        assertThat(shown.path("offline").asBoolean(true)).isFalse();
        assertThat(shown.path("current").asBoolean(false)).isTrue();
    }

    @Test
    void conversionSaysItsBackend() {
        Answer tokens = realm.convert(
                        "social", provider.idToken(Person.unknown()).mint())
                .expect(200);

        assertThat(only(sessions(tokens, "")).path("backend").asText()).isEqualTo("social");
    }

    @Test
    void offlineSessionIsShownAsSuch() {
        Person user = realm.newUser();
        Answer tokens = realm.signInOffline(TestRealm.APP, user);

        JsonNode shown = only(sessions(tokens, ""));

        assertThat(shown.path("offline").asBoolean(false)).isTrue();
        assertThat(shown.path("current").asBoolean(false)).isTrue();
    }

    @Test
    void clientsOfOneSignInAreShownOneByOne() {
        Person user = realm.newUser();
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        Answer ofApp = browser.tokens(TestRealm.APP);
        browser.tokens(other);

        List<JsonNode> shown = sessions(ofApp, "");

        assertThat(shown)
                .extracting(each -> each.path("id").asText())
                .containsOnly(shown.get(0).path("id").asText());
        assertThat(shown)
                .extracting(each -> each.path("client_id").asText() + " " + each.path("current"))
                .containsExactlyInAnyOrder("app true", "other false");
        assertThat(sessions(ofApp, "?client_id=other"))
                .extracting(each -> each.path("client_id").asText())
                .containsExactly("other");
    }

    @Test
    void tokenWithoutManageAccountSeesItsOwnClientAlone() {
        Person user = realm.newUser();
        realm.signIn(TestRealm.APP, user);
        Answer tokens = realm.signIn(narrow, user);

        assertThat(sessions(tokens, ""))
                .extracting(each -> each.path("client_id").asText())
                .containsExactly("narrow");
        Answer refused = call(tokens, "?client_id=app").get().expect(403);
        assertThat(refused.error()).isEqualTo("insufficient_scope");
    }

    @Test
    void sessionsOfOtherPeopleAreNotShown() {
        Answer mine = realm.signIn(TestRealm.APP, realm.newUser());
        realm.signIn(TestRealm.APP, realm.newUser());

        assertThat(sessions(mine, "")).hasSize(1);
    }

    @Test
    void sessionsThatHaveEndedAreNotShown() {
        Person user = realm.newUser();
        Answer mine = realm.signIn(TestRealm.APP, user);
        realm.signIn(TestRealm.APP, user);
        realm.signInOffline(TestRealm.APP, user);
        assertThat(sessions(mine, "")).hasSize(3);

        invalidation("invalidate-sessions", mine)
                .param("except_current", "true")
                .post()
                .expect(204);

        assertThat(sessions(mine, "")).hasSize(1);
    }

    @Test
    void atMostAHundredAreShown() {
        Person user = realm.newUser();
        IntStream.range(0, 101).forEach(i -> realm.signIn(TestRealm.APP, user));
        Answer mine = realm.signIn(TestRealm.APP, user);

        assertThat(sessions(mine, "")).hasSize(100);
    }

    @Test
    void slashAtTheEndChangesNothing() {
        Answer tokens = realm.signIn(TestRealm.APP, realm.newUser());

        assertThat(sessions(tokens, "/")).isEqualTo(sessions(tokens, ""));
    }

    @Test
    void answerIsForTheCallerAlone() {
        Answer tokens = realm.signIn(TestRealm.APP, realm.newUser());

        Answer answer = call(tokens, "").get().expect(200);

        assertThat(answer.header("Cache-Control")).hasValue("no-store");
        assertThat(answer.header("Content-Type")).hasValue("application/json");
    }

    // who is refused

    @Test
    void unknownClientIsRefused() {
        realm.clearEvents();
        Answer tokens = realm.signIn(TestRealm.APP, realm.newUser());

        Answer answer = call(tokens, "?client_id=nobody").get().expect(400);

        assertThat(answer.error()).isEqualTo("invalid_request");
        assertThat(answer.errorDescription()).isEqualTo("Unknown client");
        UserEvent event = realm.event("USER_INFO_REQUEST_ERROR");
        assertThat(event.error()).isEqualTo("invalid_request");
        assertThat(event.detail("reason")).isEqualTo("client_unknown");
        assertThat(call(tokens, "?client_id=app&client_id=app")
                        .get()
                        .expect(400)
                        .errorDescription())
                .isEqualTo("Repeated parameter: client_id");
        // Keycloak itself refuses U+0000 in a query
        call(tokens, "?client_id=a%00b").get().expect(400);
    }

    @Test
    void tokenThatHasEndedIsRefused() {
        Answer tokens = realm.signIn(TestRealm.APP, realm.newUser());
        invalidation("invalidate-sessions", tokens).post().expect(204);

        Answer answer = call(tokens, "").get().expect(401);

        assertThat(answer.error()).isEqualTo("invalid_token");
        assertThat(answer.header("WWW-Authenticate")).hasValue("Bearer error=\"invalid_token\"");
    }

    @Test
    void noTokenIsRefused() {
        assertThat(realm.call("/auth/sessions").get().expect(401).error()).isEqualTo("invalid_token");
    }

    @Test
    void pagesOfTheClientMayReadIt() {
        Answer tokens = realm.signIn(TestRealm.APP, realm.newUser());

        Answer own =
                call(tokens, "").header("Origin", TestRealm.WEB_ORIGIN).get().expect(200);
        Answer foreign =
                call(tokens, "").header("Origin", "https://evil.example").get().expect(403);
        Answer preflight = realm.call("/auth/sessions")
                .header("Origin", TestRealm.WEB_ORIGIN)
                .header("Access-Control-Request-Method", "GET")
                .options();

        assertThat(own.header("Access-Control-Allow-Origin")).hasValue(TestRealm.WEB_ORIGIN);
        assertThat(foreign.header("Access-Control-Allow-Origin")).isEmpty();
        assertThat(preflight.expect(200).header("Access-Control-Allow-Methods"))
                .hasValueSatisfying(methods -> assertThat(methods).contains("GET"));
    }

    // ending one of them

    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void oneSessionIsEnded(String operation) {
        Person user = realm.newUser();
        Answer mine = realm.signIn(TestRealm.APP, user);
        Answer lost = realm.signIn(TestRealm.APP, user);
        Answer third = realm.signIn(TestRealm.APP, user);
        Answer offline = realm.signInOffline(TestRealm.APP, user);

        end(operation, mine, sessionOf(lost)).expect(204);

        realm.refresh(TestRealm.APP, lost.refreshToken()).expect(400);
        assertThat(realm.userInfo(lost.accessToken()).status())
                .isEqualTo(operation.equals("invalidate-sessions") ? 401 : 200);
        for (Answer alive : List.of(mine, third, offline)) {
            assertThat(realm.userInfo(alive.accessToken()).status()).isEqualTo(200);
            realm.refresh(TestRealm.APP, alive.refreshToken()).expect(200);
        }
    }

    /** One after another, with a refresh in between and without: what is dead stays dead, what is alive stays alive. */
    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void oneSessionAfterAnotherIsEnded(String operation) {
        Person user = realm.newUser();
        Answer mine = realm.signIn(TestRealm.APP, user);
        List<Answer> others = IntStream.range(0, 4)
                .mapToObj(i -> realm.signIn(TestRealm.APP, user))
                .toList();
        Answer refreshed =
                realm.refresh(TestRealm.APP, others.get(3).refreshToken()).expect(200);

        end(operation, mine, sessionOf(others.get(0))).expect(204);
        end(operation, mine, sessionOf(others.get(1))).expect(204);
        Answer again = realm.refresh(TestRealm.APP, refreshed.refreshToken()).expect(200);
        end(operation, mine, sessionOf(others.get(2))).expect(204);

        for (int dead : new int[] {0, 1, 2}) {
            realm.refresh(TestRealm.APP, others.get(dead).refreshToken()).expect(400);
        }
        realm.refresh(TestRealm.APP, again.refreshToken()).expect(200);
        realm.refresh(TestRealm.APP, mine.refreshToken()).expect(200);

        end(operation, mine, sessionOf(others.get(3))).expect(204);
        realm.refresh(TestRealm.APP, again.refreshToken()).expect(400);
        realm.refresh(TestRealm.APP, mine.refreshToken()).expect(200);
    }

    @Test
    void otherClientsOfTheSessionGoOn() {
        Person user = realm.newUser();
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        Answer ofApp = browser.tokens(TestRealm.APP);
        Answer ofOther = browser.tokens(other);

        end("invalidate-sessions", ofApp, sessionOf(ofApp)).expect(204);

        realm.refresh(TestRealm.APP, ofApp.refreshToken()).expect(400);
        realm.refresh(other, ofOther.refreshToken()).expect(200);
    }

    @Test
    void sessionEndsOnlineAndOffline() {
        Person user = realm.newUser();
        Answer mine = realm.signIn(TestRealm.APP, user);
        Answer offline = realm.signInOffline(TestRealm.APP, user);

        end("invalidate-sessions", mine, sessionOf(offline)).expect(204);

        realm.refresh(TestRealm.APP, offline.refreshToken()).expect(400);
        assertThat(sessions(mine, "")).hasSize(1);
        assertThat(admin.offlineSessions(realm.name(), user.username(), "app")).isEmpty();
    }

    /** A tab that was left open makes the next session under the id of the one that was ended alone. */
    @Test
    void refreshTokenDoesNotComeBackInASessionOfTheSameId() {
        Person user = realm.newUser();
        Answer mine = realm.signIn(TestRealm.APP, user);
        BrowserSession browser = BrowserSession.signedInNextToAnOpenTab(realm, TestRealm.APP, user);
        Answer former = browser.tokens(TestRealm.APP);

        end("invalidate-sessions", mine, sessionOf(former)).expect(204);
        browser.signInByTheOpenTab(user);
        Answer again = browser.tokens(TestRealm.APP);

        assertThat(sessionOf(again)).isEqualTo(sessionOf(former));
        realm.refresh(TestRealm.APP, former.refreshToken()).expect(400);
        realm.refresh(TestRealm.APP, again.refreshToken()).expect(200);
        realm.refresh(TestRealm.APP, mine.refreshToken()).expect(200);
    }

    /** The id of another person's session is no more than an id that nobody has. */
    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void sessionsOfOtherPeopleAreUnknown(String operation) {
        Answer mine = realm.signIn(TestRealm.APP, realm.newUser());
        Answer anothers = realm.signIn(TestRealm.APP, realm.newUser());
        realm.clearEvents();

        for (String id : List.of(sessionOf(anothers), "none")) {
            Answer answer = end(operation, mine, id).expect(400);
            assertThat(answer.error()).isEqualTo("invalid_request");
            assertThat(answer.errorDescription()).isEqualTo("Unknown session");
        }

        UserEvent event = realm.event("REVOKE_GRANT_ERROR");
        assertThat(event.error()).isEqualTo("invalid_request");
        assertThat(event.detail("reason_text")).isEqualTo("Unknown session");
        realm.refresh(TestRealm.APP, anothers.refreshToken()).expect(200);
        realm.refresh(TestRealm.APP, mine.refreshToken()).expect(200);
    }

    @Test
    void sessionOfAnotherClientIsUnknown() {
        Person user = realm.newUser();
        Answer mine = realm.signIn(TestRealm.APP, user);
        Answer ofOther = realm.signIn(other, user);

        assertThat(end("invalidate-sessions", mine, sessionOf(ofOther))
                        .expect(400)
                        .errorDescription())
                .isEqualTo("Unknown session");
        realm.refresh(other, ofOther.refreshToken()).expect(200);
    }

    @Test
    void oneAndAllOthersExcludeEachOther() {
        Answer mine = realm.signIn(TestRealm.APP, realm.newUser());

        Answer answer = invalidation("invalidate-sessions", mine)
                .param("session_id", sessionOf(mine))
                .param("except_current", "true")
                .post()
                .expect(400);

        assertThat(answer.errorDescription()).isEqualTo("Parameters exclude each other: session_id, except_current");
        realm.refresh(TestRealm.APP, mine.refreshToken()).expect(200);
    }

    private static List<JsonNode> sessions(Answer tokens, String query) {
        JsonNode sessions = call(tokens, query).get().expect(200).json().path("sessions");
        return StreamSupport.stream(sessions.spliterator(), false).toList();
    }

    private static Call call(Answer tokens, String query) {
        return realm.call("/auth/sessions" + query).bearer(tokens.accessToken());
    }

    private static Call invalidation(String operation, Answer tokens) {
        return realm.call("/auth/" + operation).bearer(tokens.accessToken()).param("client_id", "app");
    }

    private static Answer end(String operation, Answer tokens, String sessionId) {
        return invalidation(operation, tokens).param("session_id", sessionId).post();
    }

    private static String sessionOf(Answer tokens) {
        return tokens.accessTokenClaims().path("sid").asText();
    }

    private static JsonNode only(List<JsonNode> sessions) {
        assertThat(sessions).hasSize(1);
        return sessions.get(0);
    }
}
