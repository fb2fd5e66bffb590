// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.ForeignJar;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.foreign.CredentialsRefreshTokenProviderFactory;
import io.converttoken.keycloak.testing.foreign.GreedyRefreshTokenProviderFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keycloak.protocol.oidc.refresh.RefreshTokenProviderFactory;

/** The provider of another extension decides about refresh tokens in some realms, or for some clients. */
class OverruledByRefreshTokensIT {

    @AutoClose
    @SuppressWarnings("NullAway.Init")
    private static KeycloakServer server;

    @BeforeAll
    static void start() {
        server = Overruled.start(
                ForeignJar.empty()
                        .with(RefreshTokenProviderFactory.class, GreedyRefreshTokenProviderFactory.class)
                        .with(RefreshTokenProviderFactory.class, CredentialsRefreshTokenProviderFactory.class),
                "keycloak-it-greedy.log");
    }

    @Test
    void logNamesItWhenTheServerHasStarted() {
        assertThat(Overruled.errors(server))
                .contains(GreedyRefreshTokenProviderFactory.class.getName())
                .doesNotContain(CredentialsRefreshTokenProviderFactory.class.getName());
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void nothingIsInvalidatedWhereItTakesTheTokens(String operation) {
        TestRealm realm = TestRealm.createIn(server, "taken-");
        Answer tokens = realm.signInAlice(TestRealm.APP).expect(200);
        assertThat(tokens.refreshTokenClaims().has("rtg")).isFalse();

        Overruled.assertRefused(realm, operation, tokens, GreedyRefreshTokenProviderFactory.class);

        Overruled.assertNothingChanged(realm, tokens);
    }

    /** Every use of a refresh token fails there; that is no sign of it being dead. */
    @Test
    void nothingIsInvalidatedWhereItFails() {
        TestRealm realm = TestRealm.createIn(server, "broken-");
        Answer tokens = realm.signInAlice(TestRealm.APP).expect(200);
        assertThat(realm.refresh(TestRealm.APP, tokens.refreshToken()).status()).isEqualTo(500);

        Overruled.assertRefused(realm, "invalidate-refresh-tokens", tokens, GreedyRefreshTokenProviderFactory.class);

        assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void everythingWorksWhereItWantsNone(String operation) {
        TestRealm realm = TestRealm.createIn(server);
        Person user = realm.newUser();
        Answer tokens = signIn(realm, user);
        Answer offline = realm.signInOffline(TestRealm.APP, user);

        Invalidations.call(realm, operation, tokens.accessToken(), "app").post().expect(204);
        assertDead(realm, tokens);
        assertDead(realm, offline);

        Answer again = signIn(realm, user);
        Invalidations.administrate(realm, operation, user.username(), "app").expect(200);
        assertDead(realm, again);
    }

    /** Their provider comes after ours, and gets them as without ours. */
    @Test
    void tokensOfAnotherKindAreLeftToTheirProvider() {
        TestRealm realm = TestRealm.createIn(server);
        TestClient wallet = realm.addConfidentialClient("wallet", Map.of());
        realm.admin().createClientScope(realm.name(), Map.of("name", "credentials", "protocol", "openid-connect"));
        realm.admin().addDefaultClientScope(realm.name(), "wallet", "credentials");
        Answer ofApp = realm.signInAlice(TestRealm.APP).expect(200);
        Answer tokens = realm.signInAlice(wallet).expect(200);
        Answer refreshed = realm.refresh(wallet, tokens.refreshToken()).expect(200);

        for (Answer answer : List.of(tokens, refreshed)) {
            assertThat(answer.refreshTokenClaims().path("kind").asText()).isEqualTo("credentials");
            assertThat(answer.refreshTokenClaims().has("rtg")).isFalse();
        }
        for (String clientId : List.of("wallet", "")) {
            assertThat(Invalidations.administrate(realm, "invalidate-sessions", "alice", clientId)
                            .expect(500)
                            .errorDescription())
                    .isEqualTo(Overruled.REFUSAL);
        }
        realm.refresh(wallet, refreshed.refreshToken()).expect(200);
        realm.refresh(TestRealm.APP, ofApp.refreshToken()).expect(200);
        Invalidations.administrate(realm, "invalidate-sessions", "alice", "app").expect(200);
        assertDead(realm, ofApp);
    }

    private static Answer signIn(TestRealm realm, Person user) {
        return realm.signIn(TestRealm.APP, user);
    }

    private static void assertDead(TestRealm realm, Answer tokens) {
        assertThat(realm.refresh(TestRealm.APP, tokens.refreshToken())
                        .expect(400)
                        .error())
                .isEqualTo("invalid_grant");
    }
}
