// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.converttoken.keycloak.guides.MarkdownFile.Block;
import io.converttoken.keycloak.testing.DemoRealms;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The blocks of {@code examples/README.md}: their last line is an example, those before it fetch what it needs. */
@ExtendWith(KeycloakExtension.class)
final class ExamplesIT {

    @AutoClose
    private static DemoRealms realms;

    private static Map<String, String> environment;

    @BeforeAll
    static void bench(KeycloakServer server) {
        realms = DemoRealms.importInto(server);
        environment = Map.of("KEYCLOAK_URL", server.base().toString());
    }

    @Test
    void curl() {
        run("curl", "curl");
    }

    @Test
    void pythonRequests() {
        run("python", "python3");
    }

    @Test
    void nodeOpenidClient() {
        run("node", "node", "npm");
    }

    /** {@code GeneratedClientsIT} compiles such clients, and calls with them. */
    @Test
    void generatedClient() {
        Shell.Result result = lastLine("kotlin-client", "target/kotlin-client", "mvn", "java");

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(Path.of("target", "kotlin-client", "src", "main", "kotlin")).isDirectory();
    }

    private static void run(String directory, String... needed) {
        Shell.Result result = lastLine(directory, "examples/" + directory + "/convert", needed);

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output()).contains("converted: ").contains("the access token is refused: ");
    }

    private static Shell.Result lastLine(String example, String mark, String... needed) {
        Block block = MarkdownFile.read(Path.of("examples", "README.md")).blocks().stream()
                .filter(candidate -> candidate.text().contains(mark))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No block for " + example));
        List<String> missing =
                Stream.of(needed).filter(command -> !Shell.has(command)).toList();
        if (!missing.isEmpty()) {
            skip(example, "there is no " + String.join(", no ", missing));
        }
        List<String> lines = block.text().lines().toList();
        String preparation = String.join("\n", lines.subList(0, lines.size() - 1));
        Shell.Result prepared = Shell.run("set -e\n" + preparation, environment);
        if (prepared.exitCode() != 0) {
            skip(example, "its library could not be had: " + prepared.output());
        }
        return Shell.run(lines.get(lines.size() - 1), environment);
    }

    private static void skip(String example, String reason) {
        System.out.println("SKIPPED: example " + example + ", because " + reason);
        abort(reason);
    }
}
