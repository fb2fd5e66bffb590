// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TestedKeycloakTest {

    @ParameterizedTest
    @ValueSource(strings = {"26.7.0", "26.7.5", "26.7.12", "26.7", "26.7.3.redhat-00001", "26.6.9", "26", "9.9.9"})
    void testedOrOlder(String version) {
        assertThat(TestedKeycloak.isOlderThan(version)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"26.8.0", "26.10.0", "27.0.0", "27", "100.0.1", "999.0.0-SNAPSHOT", "nightly", ""})
    void newerOrUnknown(String version) {
        assertThat(TestedKeycloak.isOlderThan(version)).isTrue();
    }
}
