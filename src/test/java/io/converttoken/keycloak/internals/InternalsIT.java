// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Keycloak has everything of its inside that is used, and the server that started says so. */
@ExtendWith(KeycloakExtension.class)
final class InternalsIT {

    @Test
    void everythingIsThere(KeycloakServer keycloak) {
        int all = InternalWays.all().size();

        assertThat(keycloak.log().lines().filter(line -> line.contains("[io.converttoken.keycloak.internals.")))
                .as("lines of the log")
                .filteredOn(line -> !line.contains("DEBUG"))
                .singleElement()
                .asString()
                .contains("Keycloak " + KeycloakServer.distributionVersion() + " has " + all + " of the " + all
                        + " things of its inside");
    }
}
