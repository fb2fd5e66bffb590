// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import io.converttoken.keycloak.testing.KeycloakOnPostgres;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.Map;

/** A realm in which nothing is measured but what is meant to be: passwords are hashed once, no event is stored. */
final class BenchmarkRealm {

    private BenchmarkRealm() {}

    static TestRealm createIn(KeycloakOnPostgres keycloak) {
        TestRealm realm = TestRealm.createIn(keycloak.server());
        realm.admin()
                .updateRealm(
                        realm.name(),
                        Map.of(
                                "passwordPolicy",
                                "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)",
                                "eventsEnabled",
                                false,
                                "adminEventsEnabled",
                                false,
                                "adminEventsDetailsEnabled",
                                false,
                                "accessTokenLifespan",
                                3600,
                                "ssoSessionIdleTimeout",
                                36000,
                                "ssoSessionMaxLifespan",
                                36000));
        return realm;
    }
}
