// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.guides.MarkdownFile.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be told of the guides without a server: links lead somewhere, and no command escapes the tests. */
final class GuidesTest {

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern NAMED = Pattern.compile("<a id=\"([a-z_]+)\"></a>");
    private static final Pattern FENCED = Pattern.compile("(?ms)^\\s*```.*?^\\s*```");

    private static final Pattern ADMIN_CALL =
            Pattern.compile("/admin/realms/[^\\n]*(?:\\\\\\n[^\\n]*)*?Bearer \\$(?<token>\\w+)");

    static Stream<Path> files() {
        return Stream.concat(
                MarkdownFile.guides().stream().map(MarkdownFile::path),
                Stream.of(
                                "SECURITY.md",
                                "CODE_OF_CONDUCT.md",
                                "CONTRIBUTING.md",
                                "CHANGELOG.md",
                                "examples/README.md",
                                "examples/web/README.md")
                        .map(Path::of));
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyFencedBlockSaysItsLanguage(Path file) {
        assertThat(MarkdownFile.read(file).blocks())
                .allSatisfy(block -> assertThat(block.language())
                        .as("%s:%d; commands are sh", file, block.line())
                        .matches("[a-z]+")
                        .isNotIn("shell", "bash", "console"));
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyLinkWithinTheProjectLeadsSomewhere(Path file) throws IOException {
        List<String> broken = new ArrayList<>();
        Matcher link = LINK.matcher(FENCED.matcher(Files.readString(file)).replaceAll(""));
        while (link.find()) {
            String target = link.group(1);
            if (!target.contains(":") && !leadsSomewhere(file, target)) {
                broken.add(target);
            }
        }
        assertThat(broken).as("broken links in %s", file).isEmpty();
    }

    /** From Keycloak 26.8.2 on the tokens of other clients need a client scope that an upgrade does not give to them. */
    @ParameterizedTest
    @MethodSource("files")
    void adminApiIsCalledThroughAdminCli(Path file) {
        String commands = MarkdownFile.read(file).blocks().stream()
                .filter(Block::isShell)
                .map(Block::text)
                .collect(Collectors.joining("\n"));
        Matcher call = ADMIN_CALL.matcher(commands);
        while (call.find()) {
            assertThat(commands)
                    .as("the token of %s", call.group())
                    .containsPattern(call.group("token") + "=\\$\\(curl [^)]*client_id=admin-cli");
        }
    }

    @Test
    void examplesCallTheAdminApiThroughAdminCli() throws IOException {
        try (Stream<Path> examples = Files.walk(Path.of("examples"))) {
            for (Path example : examples.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(example);
                assertThat(!text.contains("/admin/realms/") || text.contains("\"client_id\": \"admin-cli\""))
                        .as(example.toString())
                        .isTrue();
            }
        }
    }

    @Test
    void headingBecomesAnAnchorAsOnTheWeb() {
        assertThat(anchor("Uninstall, and `what` stays")).isEqualTo("uninstall-and-what-stays");
    }

    private static boolean leadsSomewhere(Path file, String target) throws IOException {
        String[] parts = target.split("#", 2);
        Path path = parts[0].isEmpty() ? file : file.resolveSibling(parts[0]).normalize();
        if (!Files.exists(path)) {
            return false;
        }
        return parts.length == 1 || anchors(path).contains(parts[1]);
    }

    private static List<String> anchors(Path file) throws IOException {
        String text = FENCED.matcher(Files.readString(file)).replaceAll("");
        return Stream.concat(
                        HEADING.matcher(text).results().map(heading -> anchor(heading.group(1))),
                        NAMED.matcher(text).results().map(named -> named.group(1)))
                .toList();
    }

    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }
}
