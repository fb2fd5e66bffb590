// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A realm with a second client, and a new user for each test. */
@ExtendWith(KeycloakExtension.class)
abstract class WithOtherClient {

    @SuppressWarnings("NullAway.Init")
    static TestRealm realm;

    @SuppressWarnings("NullAway.Init")
    static TestClient other;

    @SuppressWarnings("NullAway.Init")
    Person user;

    @BeforeAll
    static void clients(TestRealm testRealm) {
        realm = testRealm;
        other = realm.addConfidentialClient("other", Map.of());
    }

    @BeforeEach
    void newUser() {
        user = realm.newUser();
    }
}
