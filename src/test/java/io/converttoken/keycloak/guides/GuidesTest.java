// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.guides.MarkdownFile.Block;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be told of all Markdown without a server: links lead somewhere, pictures are there, no command escapes the tests. */
final class GuidesTest {

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern PICTURE = Pattern.compile("!\\[([^\\]]*)\\]\\(([^)\\s]+)\\)");
    private static final Pattern OTHER_PICTURE = Pattern.compile("!\\[|<(?:img|picture|svg)\\b");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern NAMED = Pattern.compile("<a id=\"([a-z_]+)\"></a>");
    private static final Pattern FENCED = Pattern.compile("(?ms)^\\s*```.*?^\\s*```");

    private static final Pattern INLINE_CODE = Pattern.compile("`[^`\\n]+`");

    private static final Path PICTURES = Path.of("docs", "images");
    private static final Path EXAMPLES = Path.of("examples", "README.md");
    private static final Path TESTS = Path.of("src", "test", "java");
    private static final Pattern NAMED_TEST = Pattern.compile("\\b[A-Z]\\w*(?:IT|Test)\\b");

    private static final Pattern ADMIN_CALL =
            Pattern.compile("/admin/realms/[^\\n]*(?:\\\\\\n[^\\n]*)*?Bearer \\$(?<token>\\w+)");

    static List<Path> files() {
        return MarkdownFile.everywhere();
    }

    @Test
    void noFileIsLeftOut() {
        assertThat(files())
                .hasSizeGreaterThan(20)
                .contains(
                        Path.of("README.md"),
                        Path.of("docs", "api.md"),
                        EXAMPLES,
                        Path.of("examples", "web", "README.md"),
                        Path.of(".github", "PULL_REQUEST_TEMPLATE.md"));
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

    /** A picture elsewhere would not be there without a network, and could change. */
    @ParameterizedTest
    @MethodSource("files")
    void everyPictureIsThereAndSaysWhatItShows(Path file) {
        String text = withoutCode(file);
        assertThat(pictures(text)).allSatisfy(picture -> {
            assertThat(file.resolveSibling(picture.group(2))).isRegularFile();
            assertThat(picture.group(1))
                    .as("alternative text of %s", picture.group(2))
                    .isNotBlank();
        });
        assertThat(PICTURE.matcher(text).replaceAll(""))
                .as("pictures in another form in %s", file)
                .doesNotContainPattern(OTHER_PICTURE);
    }

    @Test
    void everyPictureIsShownSomewhere() throws IOException {
        Set<Path> shown = files().stream()
                .flatMap(file -> pictures(withoutCode(file)).stream()
                        .map(picture -> file.resolveSibling(picture.group(2)).normalize()))
                .collect(Collectors.toSet());
        try (Stream<Path> pictures = Files.walk(PICTURES)) {
            assertThat(pictures.filter(Files::isRegularFile)).isNotEmpty().isSubsetOf(shown);
        }
    }

    /** {@code DocumentedCommandsIT} runs the guides, and {@code ExamplesIT} the examples. */
    @ParameterizedTest
    @MethodSource("files")
    void everyCommandIsRunOrInTheListOfThoseThatAreNot(Path file) {
        boolean isGuide =
                MarkdownFile.guides().stream().anyMatch(guide -> guide.path().equals(file));
        assertThat(MarkdownFile.read(file).blocks())
                .filteredOn(Block::isShell)
                .filteredOn(block -> !isGuide && !(file.equals(EXAMPLES) && ExamplesIT.isRun(block)))
                .allSatisfy(block -> assertThat(block.notRun())
                        .as("%s:%d", file, block.line())
                        .isPresent());
    }

    @Test
    void everyEntryOfTheListIsAboutOneBlock() {
        assertThat(UnrunCommands.LIST).allSatisfy(entry -> {
            Path file = Path.of(entry.file());
            assertThat(MarkdownFile.read(file).blocks())
                    .filteredOn(block -> entry.isAbout(file, block.text()))
                    .as(entry.toString())
                    .hasSize(1);
        });
    }

    @Test
    void everyTestThatTheListNamesIsThere() throws IOException {
        try (Stream<Path> files = Files.walk(TESTS)) {
            Set<String> tests = files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
            assertThat(UnrunCommands.LIST)
                    .flatMap(entry ->
                            NAMED_TEST.matcher(entry.reason()).results().toList())
                    .isNotEmpty()
                    .allSatisfy(name -> assertThat(tests).contains(name.group() + ".java"));
        }
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

    private static List<MatchResult> pictures(String text) {
        return PICTURE.matcher(text).results().toList();
    }

    private static String withoutCode(Path file) {
        try {
            String text = FENCED.matcher(Files.readString(file)).replaceAll("");
            return INLINE_CODE.matcher(text).replaceAll("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
