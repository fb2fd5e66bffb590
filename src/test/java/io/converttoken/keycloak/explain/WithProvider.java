// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.TestRealm;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the tests of this room have: a realm, and a provider that answers well until a test says otherwise. */
@ExtendWith(KeycloakExtension.class)
abstract class WithProvider {

    static TestRealm realm;
    static FakeProvider provider;

    @BeforeAll
    static void start(TestRealm testRealm, FakeProvider fakeProvider) {
        realm = testRealm;
        provider = fakeProvider;
    }

    @BeforeEach
    void providerAnswers() {
        provider.reset();
    }
}
