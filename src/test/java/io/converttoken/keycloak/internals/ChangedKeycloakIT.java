// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.ChangedKeycloak;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A Keycloak that calls itself 26.8.0, has renamed a field that is read, and has renamed a method that is overridden, so that
 * nobody asks about introspected refresh tokens any more.
 */
final class ChangedKeycloakIT {

    private static final String NEWER = "26.8.0";

    @AutoClose
    private static KeycloakServer server;

    private static TestRealm realm;

    @BeforeAll
    static void startChanged() {
        assumeTrue(KeycloakServer.isDistribution(), "JARs of the distribution are changed");
        server = KeycloakServer.startChanged(
                ChangedKeycloak.ofVersion(NEWER)
                        .with("keycloak-model-infinispan", "managedUsers", "changedUsers")
                        .with("keycloak-services", "verifyTokenReuse", "changeTokenReuse"),
                "keycloak-it-changed.log");
        realm = TestRealm.createIn(server);
    }

    @Test
    void newerMinor_isWarnedAboutOnceInOneLine() {
        assertThat(warnings("is newer than"))
                .singleElement()
                .asString()
                .contains(
                        "Keycloak 26.8.0 is newer than Keycloak 26.7",
                        "a warning names what is missing",
                        "io.converttoken:keycloak-convert-token");
    }

    @Test
    void whatIsMissing_isWarnedAboutWithWhatFollows() {
        assertThat(warnings("lacks"))
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line)
                                .contains("Keycloak 26.8.0 lacks "
                                        + "org.keycloak.models.cache.infinispan.UserCacheSession.managedUsers: "
                                        + "all users of the realm are dropped from the cache"),
                        line -> assertThat(line)
                                .contains(
                                        "org.keycloak.protocol.oidc.AccessTokenIntrospectionProvider: "
                                                + "boolean verifyTokenReuse(): an invalidated refresh token might go on working"),
                        line -> assertThat(line)
                                .contains("org.keycloak.protocol.oidc.RefreshTokenIntrospectionProvider: "
                                        + "boolean verifyTokenReuse()"));
    }

    @Test
    void signInAndRefreshGoOn() {
        Answer tokens = realm.signInAlice(TestRealm.APP).expect(200);

        realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(200);
    }

    @Test
    void whatWouldBeHollow_isRefused() {
        Answer tokens = realm.signInAlice(TestRealm.APP).expect(200);
        realm.clearEvents();

        for (String operation : List.of("invalidate-sessions", "invalidate-refresh-tokens")) {
            Answer answer = realm.call("/auth/" + operation)
                    .bearer(tokens.accessToken())
                    .param("client_id", "app")
                    .post();
            assertThat(answer.expect(500).error()).as(operation).isEqualTo("server_error");
        }

        assertThat(realm.event("REVOKE_GRANT_ERROR").detail("reason_text"))
                .contains("Keycloak without org.keycloak.protocol.oidc.AccessTokenIntrospectionProvider: "
                        + "boolean verifyTokenReuse()");
        realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(200);
    }

    private static List<String> warnings(String text) {
        return server.log()
                .lines()
                .filter(line -> line.contains("WARN") && line.contains("[io.converttoken.keycloak.internals."))
                .filter(line -> line.contains(text))
                .toList();
    }
}
