// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The server that is tested is the one that the build asked for: no other row of the matrix in its place. */
@ExtendWith(KeycloakExtension.class)
final class RuntimeIT {

    @Test
    void versionIsTheOneThatTheBuildAskedFor(AdminApi admin) {
        assertThat(systemInfo(admin).path("version").asText()).isEqualTo(KeycloakServer.distributionVersion());
    }

    @Test
    void javaIsTheOneThatTheBuildAskedFor(AdminApi admin) throws IOException {
        String asked = System.getProperty("keycloak.java", "");
        assumeTrue(KeycloakServer.isDistribution(), "the image has its own Java");
        String expected = asked.isBlank() ? System.getProperty("java.home") : asked;

        assertThat(Path.of(systemInfo(admin).path("javaHome").asText()).toRealPath())
                .isEqualTo(Path.of(expected).toRealPath());
    }

    /** Cached and stored, unless asked for otherwise. */
    @Test
    void sessionsAreWhereTheBuildAskedFor(AdminApi admin) {
        String asked = System.getProperty("keycloak.sessions", "cached");
        JsonNode info = admin.serverInfo();
        String useCaches = info.path("providers")
                .path("userSessions")
                .path("providers")
                .path("infinispan")
                .path("operationalInfo")
                .path("useCaches")
                .asText();
        boolean areStored = info.path("features")
                .valueStream()
                .filter(feature -> feature.path("name").asText().equals("PERSISTENT_USER_SESSIONS"))
                .anyMatch(feature -> feature.path("enabled").asBoolean());

        assertThat(useCaches).isEqualTo(String.valueOf(!asked.equals("uncached")));
        assertThat(areStored).isEqualTo(!asked.equals("volatile"));
    }

    private static JsonNode systemInfo(AdminApi admin) {
        return admin.serverInfo().path("systemInfo");
    }
}
