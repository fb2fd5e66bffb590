// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.BrowserSession;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Core's own endpoints take a refresh token as a proof, to end what is alive: not one that was invalidated. */
class DeadRefreshTokensIT extends WithOtherClient {

    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void signsNobodyOut(String operation) {
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        Answer ofOther = browser.tokens(other);
        Answer dead = browser.tokens(TestRealm.APP);

        administrate(operation, user.username(), "app");

        assertThat(signOut(dead).expect(400).error()).isEqualTo("invalid_grant");
        assertThat(realm.event("LOGOUT_ERROR").error()).isEqualTo("invalid_grant");
        realm.refresh(other, ofOther.refreshToken()).expect(200);
        assertThat(realm.userInfo(ofOther.accessToken()).status()).isEqualTo(200);
    }

    @Test
    void offlineOneSignsNobodyOut() {
        Answer dead = realm.signInOffline(TestRealm.APP, user);

        administrate("invalidate-refresh-tokens", user.username(), "app");

        assertThat(signOut(dead).expect(400).error()).isEqualTo("invalid_grant");
        assertThat(realm.admin().offlineSessions(realm.name(), user.username(), "app"))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/protocol/openid-connect/revoke", "/auth/revoke-token"})
    void revokesNothing(String endpoint) {
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        browser.tokens(other);
        Answer dead = browser.tokens(TestRealm.APP);
        administrate("invalidate-refresh-tokens", user.username(), "app");
        Answer living = browser.tokens(TestRealm.APP);

        Answer ofDead = revoke(endpoint, dead.refreshToken());
        Answer ofUnknown = revoke(endpoint, "unknown");

        assertThat(ofDead.status()).isEqualTo(ofUnknown.status()).isEqualTo(200);
        assertThat(ofDead.json()).isEqualTo(ofUnknown.json());
        realm.refresh(TestRealm.APP, living.refreshToken()).expect(200);
        assertThat(realm.userInfo(living.accessToken()).status()).isEqualTo(200);
    }

    @Test
    void livingOnesSignOutAndRevoke() {
        Answer first = realm.signIn(TestRealm.APP, user);
        Answer second = realm.signIn(TestRealm.APP, user);
        Answer offline = realm.signInOffline(TestRealm.APP, user);

        signOut(first).expect(204);
        Answer revoked = revoke("/protocol/openid-connect/revoke", second.refreshToken());
        signOut(offline).expect(204);

        assertThat(revoked.status()).isEqualTo(200);
        assertThat(revoked.text()).isEmpty();
        assertThat(realm.admin().sessions(realm.name(), user.username())).isEmpty();
        assertThat(realm.admin().offlineSessions(realm.name(), user.username(), "app"))
                .isEmpty();
    }

    /** As in stock: whoever signs out late has signed out. */
    @Test
    void expiredOneSignsOut() {
        TestClient shortLived = realm.addConfidentialClient(
                "short-" + UUID.randomUUID(), Map.of("attributes", Map.of("client.session.max.lifespan", "1")));
        Answer expired = realm.signIn(shortLived, user);
        long end = expired.refreshTokenClaims().path("exp").asLong();
        Await.until(
                "the token's end", Duration.ofSeconds(10), () -> Instant.now().getEpochSecond() > end);

        realm.call("/protocol/openid-connect/logout")
                .as(shortLived)
                .param("refresh_token", expired.refreshToken())
                .post()
                .expect(204);

        assertThat(realm.admin().sessions(realm.name(), user.username())).isEmpty();
    }

    private Answer signOut(Answer tokens) {
        return realm.call("/protocol/openid-connect/logout")
                .as(TestRealm.APP)
                .param("refresh_token", tokens.refreshToken())
                .post();
    }

    private Answer revoke(String endpoint, String token) {
        return realm.call(endpoint).as(TestRealm.APP).param("token", token).post();
    }

    private static void administrate(String operation, String username, String clientId) {
        Invalidations.administrate(realm, operation, username, clientId).expect(200);
    }
}
