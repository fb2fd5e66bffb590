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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

    private enum Example {
        CURL("sh examples/curl/convert", "curl"),
        PYTHON("python examples/python/convert", "python3"),
        NODE("node examples/node/convert", "node", "npm"),
        GENERATED_CLIENT("generate -g kotlin -o target/kotlin-client", "mvn", "java");

        /** What the last line of its block says. */
        private final String mark;

        private final List<String> needed;

        Example(String mark, String... needed) {
            this.mark = mark;
            this.needed = List.of(needed);
        }

        boolean isIn(Block block) {
            List<String> lines = linesOf(block);
            return lines.get(lines.size() - 1).contains(mark);
        }
    }

    /** Returns whether the block is one of the examples. */
    static boolean isRun(Block block) {
        return Stream.of(Example.values()).anyMatch(example -> example.isIn(block));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GENERATED_CLIENT")
    void scriptConverts(Example example) {
        Shell.Result result = lastLine(example);

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output()).contains("converted: ").contains("the access token is refused: ");
    }

    /** {@code GeneratedClientsIT} compiles such clients, and calls with them. */
    @Test
    void generatedClient() {
        Shell.Result result = lastLine(Example.GENERATED_CLIENT);

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(Path.of("target", "kotlin-client", "src", "main", "kotlin")).isDirectory();
    }

    private static Shell.Result lastLine(Example example) {
        Block block = MarkdownFile.read(Path.of("examples", "README.md")).blocks().stream()
                .filter(example::isIn)
                .findFirst()
                .orElseThrow(() -> new AssertionError("No block for " + example));
        List<String> missing =
                example.needed.stream().filter(command -> !Shell.has(command)).toList();
        if (!missing.isEmpty()) {
            skip(example, "there is no " + String.join(", no ", missing));
        }
        List<String> lines = linesOf(block);
        String preparation = String.join("\n", lines.subList(0, lines.size() - 1));
        Shell.Result prepared = Shell.run("set -e\n" + preparation, environment);
        if (prepared.exitCode() != 0) {
            skip(example, "its library could not be had: " + prepared.output());
        }
        return Shell.run(lines.get(lines.size() - 1), environment);
    }

    private static List<String> linesOf(Block block) {
        return block.text().lines().toList();
    }

    private static void skip(Example example, String reason) {
        System.out.println("SKIPPED: example " + example + ", because " + reason);
        abort(reason);
    }
}
