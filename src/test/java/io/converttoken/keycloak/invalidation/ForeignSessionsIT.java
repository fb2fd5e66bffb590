// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.ChangedKeycloak;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A Keycloak whose provider keeps sessions in another place than the tables, as a later one might: they end there. */
@EnabledIfSystemProperty(
        named = "matrix",
        matches = "true",
        disabledReason = "a server of its own for what no released Keycloak does: by .ci/matrix")
final class ForeignSessionsIT {

    @AutoClose
    private static KeycloakServer server;

    private static TestRealm realm;

    @BeforeAll
    static void startChanged() {
        assumeTrue(KeycloakServer.isDistribution(), "JARs of the distribution are changed");
        server = KeycloakServer.startChanged(
                ChangedKeycloak.ofVersion(KeycloakServer.distributionVersion())
                        // the provider asks for another feature, which is off, and the feature that we see is on
                        .with(
                                "keycloak-common",
                                "MultiSiteUtils",
                                "PERSISTENT_USER_SESSIONS",
                                "ADMIN_FINE_GRAINED_AUTHZ"),
                "keycloak-it-foreign-sessions.log");
        realm = TestRealm.createIn(server);
    }

    @Test
    void providerOfSessionsIsSaidToBeUnknown() {
        assertThat(server.log().lines().filter(line -> line.contains("WARN") && line.contains("lacks")))
                .singleElement()
                .asString()
                .contains("PersistentUserSessionProvider as the provider of sessions");
    }

    @Test
    void sessionsEnd() {
        Person user = realm.newUser();
        Answer online = realm.signIn(TestRealm.APP, user);
        Answer offline = realm.signInOffline(TestRealm.APP, user);

        Invalidations.call(realm, "invalidate-sessions", online.accessToken(), "app")
                .post()
                .expect(204);

        assertThat(realm.userInfo(online.accessToken()).status()).isEqualTo(401);
        assertThat(realm.userInfo(offline.accessToken()).status()).isEqualTo(401);
        assertThat(realm.admin().sessions(realm.name(), user.username())).isEmpty();
    }
}
