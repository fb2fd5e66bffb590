// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.converttoken.keycloak.guides.Shell;
import io.converttoken.keycloak.testing.DemoRealms;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Redocly and Spectral have nothing to say about the description that a server serves, but for what their files in
 * {@code src/test/openapi} switch off, each with its reason.
 */
@ExtendWith(KeycloakExtension.class)
class LintedDescriptionIT {

    /** Redocly's file of what is ignored names this one. */
    private static final Path DESCRIPTION = Path.of("target", "openapi", "openapi.yaml");

    private static final Path WITH_A_MISTAKE = DESCRIPTION.resolveSibling("mistake.json");

    private enum Linter {
        REDOCLY("redocly lint --config src/test/openapi/redocly.yaml"),
        SPECTRAL("spectral lint --fail-severity=hint --ruleset src/test/openapi/spectral.yaml");

        private final String command;

        Linter(String command) {
            this.command = command;
        }

        Shell.Result lint(Path description) {
            return Shell.run(
                    "target/openapi/npm/node_modules/.bin/" + command + " " + description,
                    Map.of("REDOCLY_TELEMETRY", "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"));
        }
    }

    @BeforeAll
    static void describe(KeycloakServer server) throws IOException {
        assumeTrue(KeycloakServer.isDistribution(), "the description is the same in a container");
        if (!Shell.has("node") || !Shell.has("npm")) {
            skip("there is no node, or no npm");
        }
        Shell.Result installed = Shell.run("set -e\n" + NodeTools.INSTALL, Map.of());
        if (installed.exitCode() != 0) {
            skip("the linters could not be had: " + installed.output());
        }
        try (DemoRealms realms = DemoRealms.importInto(server)) {
            Files.writeString(
                    DESCRIPTION,
                    realms.demo().call("/auth/openapi.yaml").get().expect(200).text());
            JsonNode document =
                    realms.demo().call("/auth/openapi.json").get().expect(200).json();
            ((ObjectNode) document.at("/paths/~1realms~1demo~1auth~1token/post")).remove("operationId");
            Files.writeString(WITH_A_MISTAKE, new ObjectMapper().writeValueAsString(document));
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsWrong(Linter linter) {
        Shell.Result result = linter.lint(DESCRIPTION);

        assertThat(result.exitCode()).as(result.output()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void mistakeIsFound(Linter linter) {
        Shell.Result result = linter.lint(WITH_A_MISTAKE);

        assertThat(result.exitCode()).as(result.output()).isNotZero();
        assertThat(result.output()).contains("operation-operationId");
    }

    private static void skip(String reason) {
        System.out.println("SKIPPED: linting of the API's description, because " + reason);
        abort(reason);
    }
}
