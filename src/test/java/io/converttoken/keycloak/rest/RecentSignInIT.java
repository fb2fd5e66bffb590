// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.BrowserSession;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connecting an identity opens a way into the account, so that a stolen token of an old sign-in must not do it. */
@ExtendWith(KeycloakExtension.class)
class RecentSignInIT {

    private static final String ACTION = "idp_link";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static TestRealm realm;
    private static AdminApi admin;
    private static FakeProvider provider;
    private static TestClient lightweight;

    @BeforeAll
    static void backend(TestRealm testRealm, FakeProvider fakeProvider, AdminApi adminApi) {
        realm = testRealm;
        admin = adminApi;
        provider = fakeProvider;
        realm.addOidcProvider("social", provider)
                .addConvertTokenMapper("social", Map.of("allowedClients", "*", "singleUse", "true"));
        lightweight = realm.addConfidentialClient(
                "lightweight", Map.of("attributes", Map.of("client.use.lightweight.access.token.enabled", "true")));
        for (TestClient client : new TestClient[] {TestRealm.APP, lightweight}) {
            admin.addOptionalClientScope(realm.name(), client.clientId(), "offline_access");
        }
    }

    @BeforeEach
    void keycloaksDefault() {
        maxAuthAge(300);
        admin.resetRequiredAction(realm.name(), ACTION);
    }

    @Test
    void oldSignInIsRefusedBeforeAnythingIsDone() {
        Person alice = realm.newUser();
        String bearer = signIn(alice).accessToken();
        String external = provider.idToken(Person.unknown()).mint();
        maxAuthAge(1);
        awaitOld(bearer);
        realm.clearEvents();

        Answer refused = connect(bearer, external).expect(401);

        assertThat(refused.error()).isEqualTo("insufficient_user_authentication");
        assertThat(refused.header("WWW-Authenticate"))
                .hasValueSatisfying(challenge -> assertThat(challenge)
                        .startsWith("Bearer error=\"insufficient_user_authentication\", ")
                        .endsWith(", max_age=\"1\""));
        UserEvent event = realm.event("FEDERATED_IDENTITY_LINK_ERROR");
        assertThat(event.detail("reason")).isEqualTo("sign_in_too_old");
        assertThat(event.clientId()).isEqualTo("app");
        assertThat(admin.federatedIdentities(realm.name(), alice.username())).isEmpty();
        maxAuthAge(300);
        connect(bearer, external).expect(204);
    }

    /** The refreshed token is new, and the person is not. */
    @ParameterizedTest
    @ValueSource(strings = {"openid", "openid offline_access"})
    void refreshedTokenIsAsOldAsItsSignIn(String scope) {
        Person alice = realm.newUser();
        Answer tokens = signIn(TestRealm.APP, alice, scope);
        maxAuthAge(1);
        awaitOld(tokens.accessToken());

        Answer refreshed = realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(200);
        Answer again = realm.refresh(TestRealm.APP, refreshed.refreshToken()).expect(200);

        assertOld(refreshed.accessToken());
        assertOld(again.accessToken());
    }

    /** Neither a token that was stolen before becomes recent by it, nor what is refreshed from one. */
    @ParameterizedTest
    @ValueSource(strings = {"app", "lightweight"})
    void signingInAgainInTheSameBrowserRenewsNoOldToken(String clientId) {
        TestClient client = clientId.equals("app") ? TestRealm.APP : lightweight;
        Person alice = realm.newUser();
        BrowserSession browser = BrowserSession.signedIn(realm, client, alice);
        Answer stolen = browser.tokens(client);
        maxAuthAge(3);
        awaitOld(stolen.accessToken());

        Answer fresh = browser.tokensAfterPassword(client, alice);
        Answer refreshed = realm.refresh(client, stolen.refreshToken()).expect(200);
        Answer twice = realm.refresh(client, refreshed.refreshToken()).expect(200);

        assertOld(stolen.accessToken());
        assertOld(refreshed.accessToken());
        assertOld(twice.accessToken());
        assertThat(fresh.idTokenClaims().path("sid"))
                .isEqualTo(stolen.idTokenClaims().path("sid"));
        maxAuthAge(60);
        long first = stolen.idTokenClaims().path("auth_time").asLong();
        long second = fresh.idTokenClaims().path("auth_time").asLong();
        assertThat(second).isGreaterThan(first);
        assertThat(authTime(refreshed)).isEqualTo(first);
        assertThat(authTime(twice)).isEqualTo(first);
        assertThat(authTime(realm.refresh(client, fresh.refreshToken()).expect(200)))
                .isEqualTo(second);
        assertRecent(fresh.accessToken());
    }

    private static long authTime(Answer refreshed) {
        return refreshed.idTokenClaims().path("auth_time").asLong();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openid", "openid offline_access"})
    void conversionIsASignInAtItsTime(String scope) {
        long before = Instant.now().getEpochSecond();
        Answer converted = realm.conversion(
                        "social", provider.idToken(Person.unknown()).mint())
                .param("scope", scope)
                .post()
                .expect(200);
        long after = Instant.now().getEpochSecond();

        JsonNode authTime = converted.accessTokenClaims().path("auth_time");
        assertThat(authTime.asLong()).isBetween(before, after);
        assertThat(converted.idTokenClaims().path("auth_time")).isEqualTo(authTime);
        assertRecent(converted.accessToken());

        maxAuthAge(1);
        awaitOld(converted.accessToken());
        Answer refreshed =
                realm.refresh(TestRealm.APP, converted.refreshToken()).expect(200);
        assertThat(refreshed.accessTokenClaims().path("auth_time")).isEqualTo(authTime);
        assertThat(refreshed.idTokenClaims().path("auth_time")).isEqualTo(authTime);
        assertOld(refreshed.accessToken());
    }

    /** What the token says counts where it is the older of the two; 300 seconds where the realm says nothing. */
    @Test
    void olderOfTokenAndSessionCounts() {
        Person alice = realm.newUser();
        long now = Instant.now().getEpochSecond();

        Answer refused = probe(signIn(saying("old", now - 400), alice, "openid").accessToken());
        assertThat(refused.expect(401).header("WWW-Authenticate"))
                .hasValueSatisfying(challenge -> assertThat(challenge).endsWith("max_age=\"300\""));
        assertRecent(signIn(saying("recent", now - 100), alice, "openid").accessToken());

        TestClient ahead = saying("ahead", now + 100_000);
        String fromTheFuture = signIn(ahead, alice, "openid").accessToken();
        maxAuthAge(1);
        awaitOld(fromTheFuture);
    }

    private static TestClient saying(String clientId, long authTime) {
        TestClient client = realm.addConfidentialClient(clientId, Map.of());
        admin.addProtocolMapper(
                realm.name(),
                clientId,
                Map.of(
                        "name", "auth_time",
                        "protocol", "openid-connect",
                        "protocolMapper", "oidc-hardcoded-claim-mapper",
                        "config",
                                Map.of(
                                        "claim.name", "auth_time",
                                        "claim.value", Long.toString(authTime),
                                        "jsonType.label", "long",
                                        "access.token.claim", "true")));
        return client;
    }

    /** Keycloak asks for the password every time then, which no token can show. */
    @Test
    void whereThePasswordIsAlwaysAskedForNoTokenIsEnough() {
        Person alice = realm.newUser();
        maxAuthAge(0);

        Answer refused = probe(signIn(alice).accessToken());

        assertThat(refused.expect(401).header("WWW-Authenticate"))
                .hasValueSatisfying(challenge -> assertThat(challenge).endsWith("max_age=\"0\""));
    }

    /** Keycloak links nothing from an application then. */
    @Test
    void whereLinkingIsSwitchedOffNothingIsConnected() {
        Person alice = realm.newUser();
        String bearer = signIn(alice).accessToken();
        String external = provider.idToken(Person.unknown()).mint();
        admin.updateRequiredAction(realm.name(), ACTION, Map.of("enabled", false));
        try {
            Answer refused = connect(bearer, external);

            assertThat(refused.expect(400).error()).isEqualTo("invalid_request");
            assertThat(realm.event("FEDERATED_IDENTITY_LINK_ERROR").detail("reason_text"))
                    .contains("idp_link");
            assertThat(admin.federatedIdentities(realm.name(), alice.username()))
                    .isEmpty();
        } finally {
            admin.updateRequiredAction(realm.name(), ACTION, Map.of("enabled", true));
        }
        connect(bearer, external).expect(204);
    }

    /** An administrator who became the user knows no password of theirs, and must not leave an identity behind. */
    @Test
    void impersonationIsNoSignIn() {
        Person alice = realm.newUser();

        Answer tokens = BrowserSession.impersonating(realm, alice).tokens(TestRealm.APP);

        assertOld(tokens.accessToken());
        assertOld(
                realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(200).accessToken());
    }

    /** As in Keycloak's account API. */
    @Test
    void disconnectingNeedsNoRecentSignIn() {
        Person alice = realm.newUser();
        String bearer = signIn(alice).accessToken();
        connect(bearer, provider.idToken(Person.unknown()).mint()).expect(204);
        maxAuthAge(0);

        realm.call("/auth/disconnect-backend")
                .bearer(bearer)
                .param("backend", "social")
                .post()
                .expect(204);
    }

    private static void maxAuthAge(int seconds) {
        admin.configureRequiredAction(realm.name(), ACTION, Map.of("max_auth_age", Integer.toString(seconds)));
    }

    private static void awaitOld(String bearer) {
        Await.until("an old sign-in", PATIENCE, () -> probe(bearer).status() == 401);
    }

    private static void assertOld(String bearer) {
        assertThat(probe(bearer).expect(401).error()).isEqualTo("insufficient_user_authentication");
    }

    private static void assertRecent(String bearer) {
        assertThat(probe(bearer).expect(400).error()).isEqualTo("invalid_request");
    }

    /** A call that cannot succeed. */
    private static Answer probe(String bearer) {
        return realm.call("/auth/connect-backend")
                .bearer(bearer)
                .param("backend", "nobody")
                .param("token", "x")
                .post();
    }

    private static Answer connect(String bearer, String externalToken) {
        return realm.call("/auth/connect-backend")
                .bearer(bearer)
                .param("backend", "social")
                .param("token", externalToken)
                .post();
    }

    private static Answer signIn(Person person) {
        return signIn(TestRealm.APP, person, "openid");
    }

    private static Answer signIn(TestClient client, Person person, String scope) {
        return realm.tokenEndpoint()
                .as(client)
                .param("grant_type", "password")
                .param("username", person.username())
                .param("password", person.username())
                .param("scope", scope)
                .post()
                .expect(200);
    }
}
