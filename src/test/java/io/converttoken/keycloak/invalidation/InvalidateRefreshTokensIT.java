// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserSession;
import io.converttoken.keycloak.testing.DPoPProofs;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Only the refresh tokens of this user for this client die; nothing else does, and nothing brings them back. */
@ExtendWith(KeycloakExtension.class)
class InvalidateRefreshTokensIT {

    private static TestRealm realm;
    private static AdminApi admin;
    private static KeycloakServer keycloak;
    private static FakeProvider provider;
    private static TestClient other;

    @BeforeAll
    static void clients(TestRealm testRealm, AdminApi adminApi, KeycloakServer server, FakeProvider fakeProvider) {
        realm = testRealm;
        admin = adminApi;
        keycloak = server;
        provider = fakeProvider;
        other = realm.addConfidentialClient("other", Map.of());
        Invalidations.letIntrospectItself(admin, realm.name(), "app");
        realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
    }

    @Test
    void refreshTokensDieAndAccessTokensLive() {
        Person user = realm.newUser();
        Answer first = realm.signIn(TestRealm.APP, user);
        Answer second = realm.signIn(TestRealm.APP, user);

        invalidate(first.accessToken(), "app").expect(204);

        for (Answer tokens : List.of(first, second)) {
            assertDead(TestRealm.APP, tokens.refreshToken());
            assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(200);
            assertThat(isActive(tokens.accessToken())).isTrue();
        }
        assertThat(admin.sessions(realm.name(), user.username())).hasSize(2);
    }

    @Test
    void othersAreLeftAlone() {
        Person user = realm.newUser();
        Person somebody = realm.newUser();
        Answer ofUser = realm.signIn(TestRealm.APP, user);
        Answer ofOtherClient = realm.signIn(other, user);
        Answer ofSomebody = realm.signIn(TestRealm.APP, somebody);

        invalidate(ofUser.accessToken(), "app").expect(204);

        realm.refresh(other, ofOtherClient.refreshToken()).expect(200);
        realm.refresh(TestRealm.APP, ofSomebody.refreshToken()).expect(200);
    }

    @Test
    void newLoginInTheSameSecondWorks() {
        Person user = realm.newUser();
        Answer before = realm.signIn(TestRealm.APP, user);

        invalidate(before.accessToken(), "app").expect(204);
        Answer after = realm.signIn(TestRealm.APP, user);

        Answer refreshed = realm.refresh(TestRealm.APP, after.refreshToken()).expect(200);
        realm.refresh(TestRealm.APP, refreshed.refreshToken()).expect(200);
        assertDead(TestRealm.APP, before.refreshToken());
    }

    @Test
    void everyRefreshTokenNamesItsGeneration() {
        Person user = realm.newUser();
        Answer first = realm.signIn(TestRealm.APP, user);
        assertThat(Invalidations.generation(first)).isEqualTo("0");

        invalidate(first.accessToken(), "app").expect(204);

        Answer second = realm.signIn(TestRealm.APP, user);
        assertThat(Invalidations.generation(second)).isNotEqualTo("0").isNotEmpty();
        assertThat(Invalidations.generation(
                        realm.refresh(TestRealm.APP, second.refreshToken()).expect(200)))
                .isEqualTo(Invalidations.generation(second));
    }

    @Test
    void ofConversionsToo() {
        Person person = Person.unknown();
        Answer tokens = realm.conversion("social", provider.idToken(person).mint())
                .param("scope", "openid")
                .post()
                .expect(200);

        invalidate(tokens.accessToken(), "app").expect(204);

        assertDead(TestRealm.APP, tokens.refreshToken());
    }

    @Test
    void offlineTokensDieTooAndNewOnesLive() {
        Person user = realm.newUser();
        Answer offline = realm.signInOffline(TestRealm.APP, user);
        Answer rotated = realm.refresh(TestRealm.APP, offline.refreshToken()).expect(200);

        invalidate(offline.accessToken(), "app").expect(204);

        assertDead(TestRealm.APP, offline.refreshToken());
        assertDead(TestRealm.APP, rotated.refreshToken());
        Answer again = realm.signInOffline(TestRealm.APP, user);
        Answer refreshed = realm.refresh(TestRealm.APP, again.refreshToken()).expect(200);
        realm.refresh(TestRealm.APP, refreshed.refreshToken()).expect(200);
        assertDead(TestRealm.APP, offline.refreshToken());
    }

    /** The client session is made anew within the same user session; dead tokens stay dead. */
    @Test
    void signingInAgainInTheSameBrowserBringsNothingBack() {
        Person user = realm.newUser();
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        Answer first = browser.tokens(TestRealm.APP);

        invalidate(first.accessToken(), "app").expect(204);
        Answer again = browser.tokens(TestRealm.APP);

        assertThat(again.accessTokenClaims().path("sid"))
                .isEqualTo(first.accessTokenClaims().path("sid"));
        assertDead(TestRealm.APP, first.refreshToken());
        realm.refresh(TestRealm.APP, again.refreshToken()).expect(200);
    }

    @Test
    void singleSignOnSessionStays() {
        Person user = realm.newUser();
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        Answer ofApp = browser.tokens(TestRealm.APP);
        Answer ofOther = browser.tokens(other);

        invalidate(ofApp.accessToken(), "app").expect(204);

        realm.refresh(other, ofOther.refreshToken()).expect(200);
        browser.tokens(TestRealm.APP);
    }

    @Test
    void callingSessionCanBeSpared() {
        Person user = realm.newUser();
        Answer mine = realm.signIn(TestRealm.APP, user);
        Answer elsewhere = realm.signIn(TestRealm.APP, user);

        invalidate(mine.accessToken(), "app", "true").expect(204);
        invalidate(mine.accessToken(), "app", "true").expect(204);

        assertDead(TestRealm.APP, elsewhere.refreshToken());
        Answer refreshed = realm.refresh(TestRealm.APP, mine.refreshToken()).expect(200);
        realm.refresh(TestRealm.APP, refreshed.refreshToken()).expect(200);
        invalidate(mine.accessToken(), "app").expect(204);
        assertDead(TestRealm.APP, mine.refreshToken());
        assertDead(TestRealm.APP, refreshed.refreshToken());
        invalidate(mine.accessToken(), "app", "true").expect(204);
        assertDead(TestRealm.APP, mine.refreshToken());
    }

    /** Whatever the hint, and none: core reads a refresh token as an access token then. */
    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"refresh_token", "access_token", "requesting_party_token"})
    void introspectionCallsDeadRefreshTokensInactive(@org.jspecify.annotations.Nullable String hint) {
        Person user = realm.newUser();
        Answer tokens = realm.signIn(TestRealm.APP, user);
        Answer offline = realm.signInOffline(TestRealm.APP, user);
        if ("refresh_token".equals(hint)) {
            assertThat(isActive(tokens.refreshToken(), hint)).isTrue();
            assertThat(isActive(offline.refreshToken(), hint)).isTrue();
        }

        invalidate(tokens.accessToken(), "app").expect(204);

        assertThat(isActive(tokens.refreshToken(), hint)).isFalse();
        assertThat(isActive(offline.refreshToken(), hint)).isFalse();
        assertThat(isActive(realm.signIn(TestRealm.APP, user).accessToken(), "access_token"))
                .isTrue();
    }

    @Test
    void realmsThatRevokeRefreshTokensGoOnDoingSo() {
        try (TestRealm revoking = TestRealm.createIn(keycloak)) {
            admin.updateRealm(revoking.name(), Map.of("revokeRefreshToken", true, "refreshTokenMaxReuse", 0));
            Person user = revoking.newUser();
            Answer first = revoking.signIn(TestRealm.APP, user.username(), user.username());
            Answer second =
                    revoking.refresh(TestRealm.APP, first.refreshToken()).expect(200);
            assertThat(revoking.refresh(TestRealm.APP, first.refreshToken())
                            .expect(400)
                            .error())
                    .isEqualTo("invalid_grant");

            Answer third = revoking.signIn(TestRealm.APP, user.username(), user.username());
            Answer fourth =
                    revoking.refresh(TestRealm.APP, third.refreshToken()).expect(200);
            Invalidations.call(revoking, "invalidate-refresh-tokens", fourth.accessToken(), "app")
                    .post()
                    .expect(204);
            for (Answer dead : List.of(second, third, fourth)) {
                assertThat(revoking.refresh(TestRealm.APP, dead.refreshToken())
                                .expect(400)
                                .error())
                        .isEqualTo("invalid_grant");
            }
        }
    }

    @Test
    void narrowedScopeStaysNarrow() {
        Person user = realm.newUser();
        Answer tokens = realm.tokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "password")
                .param("username", user.username())
                .param("password", user.username())
                .param("scope", "openid phone address")
                .post()
                .expect(200);
        Answer narrowed = realm.tokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "refresh_token")
                .param("refresh_token", tokens.refreshToken())
                .param("scope", "openid phone")
                .post()
                .expect(200);
        assertThat(narrowed.accessTokenClaims().path("scope").asText())
                .contains("phone")
                .doesNotContain("address");

        invalidate(tokens.accessToken(), "app").expect(204);

        assertDead(TestRealm.APP, narrowed.refreshToken());
    }

    /** What core issued has no such claim, and is of the first generation. */
    @Test
    void tokensFromBeforeTheExtensionWork() {
        Person user = realm.newUser();
        Answer tokens = realm.signIn(TestRealm.APP, user);
        assertThat(Invalidations.generation(tokens)).isEqualTo("0");
        assertThat(Generation.first().isAlive(Generation.FIRST, "any")).isTrue();
    }

    /** A refresh that was found alive just before must not get a token that outlives the invalidation. */
    @Test
    void refreshesDuringAnInvalidationEndDead() throws Exception {
        Person user = realm.newUser();
        Answer tokens = realm.signIn(TestRealm.APP, user);
        List<Answer> answers = Invalidations.atOnce(
                100,
                i -> i == 50
                        ? invalidate(tokens.accessToken(), "app")
                        : realm.refresh(TestRealm.APP, tokens.refreshToken()));

        assertThat(answers.get(50).status()).isEqualTo(204);
        assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isIn(200, 204, 400));
        answers.stream()
                .filter(answer -> answer.status() == 200)
                .forEach(answer -> assertDead(TestRealm.APP, answer.refreshToken()));
        assertDead(TestRealm.APP, tokens.refreshToken());
    }

    /** The first invalidation of a user and client inserts a row, which only one of them can. */
    @Test
    void firstInvalidationsAtOnceAllHold() throws Exception {
        Person user = realm.newUser();
        List<Answer> sessions = IntStream.range(0, 12)
                .mapToObj(i -> realm.signIn(TestRealm.APP, user))
                .toList();

        List<Answer> answers =
                Invalidations.atOnce(12, i -> invalidate(sessions.get(i).accessToken(), "app"));

        assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(204));
        sessions.forEach(tokens -> assertDead(TestRealm.APP, tokens.refreshToken()));
        realm.refresh(TestRealm.APP, realm.signIn(TestRealm.APP, user).refreshToken())
                .expect(200);
    }

    /** Bound by a conversion (RFC 9449): its bearer token alone is none, and its refresh token dies like any other. */
    @Test
    void tokensBoundToAKeyNeedItsProofAndDie() {
        DPoPProofs key = new DPoPProofs();
        Answer tokens = realm.convertTokenEndpoint()
                .as(TestRealm.APP)
                .header("DPoP", key.forPost(realm.uri("/auth/convert-token")))
                .param("backend", "social")
                .param("token", provider.idToken(Person.unknown()).mint())
                .param("scope", "openid")
                .post()
                .expect(200);
        assertThat(tokens.json().path("token_type").asText()).isEqualTo("DPoP");
        assertThat(refreshBound(key, tokens).status()).isEqualTo(200);

        assertThat(invalidate(tokens.accessToken(), "app").expect(401).error()).isEqualTo("invalid_token");
        assertThat(refreshBound(key, tokens).status()).isEqualTo(200);
        realm.call("/auth/invalidate-refresh-tokens")
                .header("Authorization", "DPoP " + tokens.accessToken())
                .header("DPoP", key.forPost(realm.uri("/auth/invalidate-refresh-tokens"), tokens.accessToken()))
                .param("client_id", "app")
                .post()
                .expect(204);

        assertThat(refreshBound(key, tokens).expect(400).error()).isEqualTo("invalid_grant");
    }

    private static Answer refreshBound(DPoPProofs key, Answer tokens) {
        return realm.tokenEndpoint()
                .as(TestRealm.APP)
                .header("DPoP", key.forPost(realm.uri("/protocol/openid-connect/token")))
                .param("grant_type", "refresh_token")
                .param("refresh_token", tokens.refreshToken())
                .post();
    }

    @Test
    void eventNamesTheClient() {
        Person user = realm.newUser();
        Answer tokens = realm.signIn(TestRealm.APP, user);
        realm.clearEvents();

        invalidate(tokens.accessToken(), "app").expect(204);

        assertThat(realm.event("REVOKE_GRANT").detail("revoked_client")).isEqualTo("app");
    }

    private static void assertDead(TestClient client, String refreshToken) {
        assertThat(realm.refresh(client, refreshToken).expect(400).error()).isEqualTo("invalid_grant");
    }

    private static boolean isActive(String token) {
        return isActive(token, null);
    }

    private static boolean isActive(String token, @org.jspecify.annotations.Nullable String hint) {
        io.converttoken.keycloak.testing.Call call = realm.call("/protocol/openid-connect/token/introspect")
                .as(TestRealm.APP)
                .param("token", token);
        return (hint == null ? call : call.param("token_type_hint", hint))
                .post()
                .expect(200)
                .json()
                .path("active")
                .asBoolean();
    }

    private static Answer invalidate(String bearer, String clientId) {
        return Invalidations.call(realm, "invalidate-refresh-tokens", bearer, clientId)
                .post();
    }

    private static Answer invalidate(String bearer, String clientId, String exceptCurrent) {
        return Invalidations.call(realm, "invalidate-refresh-tokens", bearer, clientId)
                .param("except_current", exceptCurrent)
                .post();
    }
}
