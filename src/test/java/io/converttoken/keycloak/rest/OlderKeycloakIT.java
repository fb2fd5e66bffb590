// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.testing.OlderKeycloak;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The previous minor, where refresh tokens could not be invalidated: no server comes up, and whoever tries is told why. */
class OlderKeycloakIT {

    @BeforeAll
    static void older() {
        assumeTrue(OlderKeycloak.isThere(), "an older Keycloak is there in profile older only");
    }

    @ParameterizedTest
    @ValueSource(strings = {"build", "start-dev"})
    void refusesWithAClearMessage(String command) {
        OlderKeycloak.Outcome outcome = OlderKeycloak.run(List.of(command));

        assertThat(outcome.status()).isNotZero();
        assertThat(outcome.output())
                .contains("Keycloak Convert Token needs Keycloak 26.7 or newer, and this is " + OlderKeycloak.version())
                .doesNotContain("Listening on")
                .doesNotContain("Server configuration updated and persisted");
    }
}
