// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.DemoRealms;
import io.converttoken.keycloak.testing.EmbeddedDatabase;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The extension comes to a server that is in use, and goes again in the order that {@code docs/operations.md} gives: one
 * installation, started three times over the same data.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings("NullAway.Init")
final class LifecycleIT {

    /** An identity provider whose mapper somebody forgot to delete. */
    private static final String FORGOTTEN = "forgotten";

    /** Name and password in Keycloak's embedded database. */
    @AutoClose
    private static KeycloakServer server;

    private static DemoRealms realms;

    private static Answer aliceBefore;
    private static Answer aliceOfflineBefore;
    private static Answer aliceAfter;
    private static Answer bob;
    private static Answer carol;
    private static String affected = "";

    /** The server in use: Alice is signed in before anybody thinks of the extension. */
    @BeforeAll
    static void startStock() {
        assumeTrue(KeycloakServer.isDistribution(), "the server is started from the distribution, again and again");
        server = KeycloakServer.startStock(EmbeddedDatabase.OPTIONS, "keycloak-it-lifecycle-1-stock.log");
        realms = DemoRealms.importWithoutBackends(server);
        realms.admin().updateRealm("demo", Map.of("accessTokenLifespan", 3600));
        realms.admin().updateClient("social", "demo-company", Map.of("redirectUris", new String[] {server.base() + "/*"
        }));
        realms.addProviderLikeSocial(FORGOTTEN);
        aliceBefore = signIn("alice", "openid");
        aliceOfflineBefore = signIn("alice", "openid offline_access");
    }

    @Test
    @Order(1)
    void installed_refreshTokensFromBeforeGoOn() {
        server.stop();
        server = server.startAgainWithExtension("keycloak-it-lifecycle-2-installed.log");
        realms = DemoRealms.on(server);

        aliceAfter = refresh(aliceBefore).expect(200);

        refresh(aliceOfflineBefore).expect(200);
        assertThat(aliceBefore.refreshTokenClaims().has("rtg")).isFalse();
        assertThat(aliceAfter.refreshTokenClaims().has("rtg")).isTrue();
    }

    @Test
    @Order(2)
    void installed_refreshTokensFromBeforeAreInvalidated() {
        realms.demo()
                .call("/auth/invalidate-refresh-tokens")
                .bearer(aliceAfter.accessToken())
                .param("client_id", "demo-app")
                .post()
                .expect(204);

        for (Answer tokens : new Answer[] {aliceBefore, aliceOfflineBefore, aliceAfter}) {
            assertThat(refresh(tokens).expect(400).error()).isEqualTo("invalid_grant");
        }
    }

    /** Steps 1 to 3 of the guide, and one mapper forgotten. */
    @Test
    @Order(3)
    void removed_inTheOrderOfTheGuide() {
        realms.addBackends(DemoRealms.ALIAS, FORGOTTEN);
        bob = realms.convert("bob");
        carol = realms.convert("carol");
        realms.demo()
                .call("/auth/invalidate-refresh-tokens")
                .bearer(carol.accessToken())
                .param("client_id", "demo-app")
                .post()
                .expect(204);
        String carolId = realms.admin().user("demo", "carol").path("id").asText();
        realms.admin()
                .call("demo/auth/users/" + carolId + "/invalidate-sessions")
                .param("client_id", "demo-app")
                .post()
                .expect(200);
        realms.demo().removeConvertTokenMapper(DemoRealms.ALIAS);

        server.stop();
        affected = EmbeddedDatabase.of(server).sql(OperationsSql.LIST_AND_DELETE);
        server = server.startAgainWithoutExtension("keycloak-it-lifecycle-3-removed.log");
        realms = DemoRealms.on(server);

        assertThat(realms.demo().convertTokenEndpoint().post().status()).isEqualTo(404);
    }

    @Test
    @Order(4)
    void removed_queryOfTheGuideNamesWhoHasInvalidatedTokens() {
        assertThat(affected)
                .contains("demo", "alice", "carol", "demo-app", "Update count: 2")
                .doesNotContain("bob");
    }

    @Test
    @Order(4)
    void removed_browserLoginGoesOn() {
        Answer tokens = realms.signInByBrowser("bob");

        assertThat(tokens.accessTokenClaims().path("sub"))
                .isEqualTo(bob.accessTokenClaims().path("sub"));
    }

    @Test
    @Order(4)
    void removed_sessionsOfConversionsGoOn() {
        Answer refreshed = refresh(bob).expect(200);

        realms.demo().userInfo(refreshed.accessToken()).expect(200);
    }

    /** Why the guide ends sessions first: Keycloak alone knows nothing of generations. */
    @Test
    @Order(4)
    void removed_refreshTokensThatWereOnlyInvalidatedLiveAgain() {
        refresh(aliceBefore).expect(200);
        refresh(aliceOfflineBefore).expect(200);
    }

    @Test
    @Order(4)
    void removed_refreshTokensOfEndedSessionsStayDead() {
        assertThat(refresh(carol).expect(400).error()).isEqualTo("invalid_grant");
    }

    /** Why the guide waits for them to expire. */
    @Test
    @Order(4)
    void removed_accessTokensOfConversionsCanNotBeRead() {
        assertThat(realms.demo().userInfo(bob.accessToken()).status()).isEqualTo(500);
    }

    /** Why the guide deletes mappers first. */
    @Test
    @Order(4)
    void removed_mapperThatIsLeftBreaksBrowserLogin() {
        assertThat(realms.signInAtProvider(FORGOTTEN, "bob").status()).isEqualTo(500);
    }

    private static Answer signIn(String username, String scope) {
        return realms.demo()
                .tokenEndpoint()
                .as(DemoRealms.APP)
                .param("grant_type", "password")
                .param("username", username)
                .param("password", username)
                .param("scope", scope)
                .post()
                .expect(200);
    }

    private static Answer refresh(Answer tokens) {
        TestRealm demo = realms.demo();
        return demo.refresh(DemoRealms.APP, tokens.refreshToken());
    }
}
