// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

/** The image of the {@code Dockerfile}: it builds, starts without another build, and converts. */
final class ImageIT {

    @Test
    void imageStartsAtOnceAndConverts() {
        assumeFalse(KeycloakServer.isDistribution(), "the image is built where tests run in containers");
        assumeTrue(BuiltImage.isPossible(), "no Docker engine answers");

        try (BuiltImage image = BuiltImage.build("--db=dev-file --health-enabled=true")) {
            assertThat(image.command()).isEqualTo("[\"/opt/keycloak/bin/kc.sh\"] [\"start\",\"--optimized\"]");
            try (KeycloakServer keycloak = KeycloakServer.startBuilt(image, "keycloak-it-image.log")) {
                Answer converted = DemoRealms.importInto(keycloak).convert("bob");

                assertThat(converted.json().path("user").path("email").asText()).isEqualTo("bob@example.com");
                assertThat(keycloak.log())
                        .contains("Profile prod activated")
                        .doesNotContain("Updating the server image");
            }
        }
    }
}
