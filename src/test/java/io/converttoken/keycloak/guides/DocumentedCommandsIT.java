// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.converttoken.keycloak.guides.MarkdownFile.Block;
import io.converttoken.keycloak.testing.DemoRealms;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every {@code sh} block of the README and the guides is run as printed, in order, in one shell a file, against the demo's
 * realms; only the address is another. {@link UnrunCommands} are left out.
 */
@ExtendWith(KeycloakExtension.class)
final class DocumentedCommandsIT {

    private static final String PRINTED_ADDRESS = "http://localhost:8000";
    private static final String MARK = "### block at line ";
    private static final Pattern VARIABLE = Pattern.compile("(?m)^([A-Z][A-Z0-9_]*)=");
    private static final Pattern FUNCTION = Pattern.compile("(?m)^\\w+\\(\\) \\{$");
    private static final Pattern CUT = Pattern.compile(".*…");

    /** Members whose values are drawn by chance, or are times. */
    private static final Set<String> BY_CHANCE = Set.of("sub", "session_state", "id", "started", "last_used");

    /** Every call must succeed, or answer the status that the guide announces. */
    private static final String STRICT_CURL = """
            set -eo pipefail
            headers=$(mktemp); trap 'rm -f "$headers"' EXIT
            expected=
            curl() {
              command curl --max-time 60 -D "$headers" "$@" || return
              status=$(sed -n 's/^HTTP[^ ]* \\([0-9]*\\).*/\\1/p' "$headers" | tail -1)
              case $expected:$status in
                :[23]??|"$status:$status") ;;
                *) echo "Status $status of: curl $*" >&2; return 22 ;;
              esac
            }
            """;

    private static KeycloakServer keycloak;
    private static SocialHosts hosts;

    @BeforeAll
    static void bench(KeycloakServer server, SocialHosts socialHosts) {
        keycloak = server;
        hosts = socialHosts;
    }

    static List<MarkdownFile> guides() {
        return MarkdownFile.guides();
    }

    @ParameterizedTest
    @MethodSource("guides")
    void commandsWorkAsPrinted(MarkdownFile guide) {
        if (script(guide).contains("python3 ") && !Shell.has("python3")) {
            System.out.println("SKIPPED: the commands in " + guide + ", because there is no python3");
            abort("no python3");
        }
        try (DemoRealms realms = DemoRealms.importInto(keycloak)) {
            Shell.Result result = Shell.run(
                    script(guide),
                    Map.of("KEYCLOAK_URL", realms.demo().keycloak().base().toString()));

            assertThat(result.exitCode()).as("%s: %s", guide, result.output()).isZero();
            for (Block block : guide.blocks()) {
                if (isRun(block)) {
                    assertThatSomethingCame(guide, block, printedBy(block, result.output()));
                }
            }
            assertThatSamplesAreTrue(guide, result.output());
            if (guide.name().contains("quickstart-")) {
                assertThat(result.output())
                        .contains(
                                "\"is_new_user\":true",
                                "\"auth_method\":\"convert_token\"",
                                "\"type\":\"LOGIN_ERROR\"");
            }
        }
    }

    private static boolean isRun(Block block) {
        return block.isShell() && block.notRun().isEmpty();
    }

    private static String script(MarkdownFile guide) {
        StringBuilder script = new StringBuilder(STRICT_CURL);
        for (Block block : guide.blocks()) {
            if (isRun(block)) {
                script.append("echo; echo '").append(MARK).append(block.line()).append("'\n");
                script.append("expected=").append(block.answers().orElse("")).append('\n');
                String text = block.isYours() ? ofReader(block) : block.text();
                script.append(text.replace(PRINTED_ADDRESS, keycloak.base().toString()))
                        .append('\n');
                Matcher assigned = VARIABLE.matcher(block.text());
                while (assigned.find()) {
                    script.append(": \"${").append(assigned.group(1)).append(":?is empty}\"\n");
                }
            }
        }
        return script.append("echo; echo '").append(MARK).append("end'\n").toString();
    }

    /** The same variables with the values of somebody who has clients at the providers, which the stubs play. */
    private static String ofReader(Block block) {
        Google google = hosts.get(Google.class);
        Apple apple = hosts.get(Apple.class);
        Map<String, String> values = Map.of(
                "GOOGLE_CLIENT_ID", google.clientId(),
                "GOOGLE_CLIENT_SECRET", google.clientSecret(),
                "GOOGLE_IOS_CLIENT_ID", "company-ios.apps.googleusercontent.com",
                "GOOGLE_ID_TOKEN", google.idToken(google.newcomer()).mint(),
                "APPLE_BUNDLE_ID", Apple.BUNDLE_ID,
                "APPLE_SERVICES_ID", apple.clientId(),
                "APPLE_ID_TOKEN", apple.idToken(apple.newcomer()).mint());
        return VARIABLE.matcher(block.text())
                .results()
                .map(assigned -> assigned.group(1))
                .map(name -> name + "=" + Objects.requireNonNull(values.get(name), name))
                .collect(Collectors.joining("\n"));
    }

    private static String printedBy(Block block, String output) {
        String mark = MARK + block.line() + "\n";
        int start = output.indexOf(mark);
        assertThat(start).as("%s in %s", mark, output).isNotNegative();
        int end = output.indexOf("\n" + MARK, start);
        return output.substring(start + mark.length(), end).strip();
    }

    private static void assertThatSomethingCame(MarkdownFile guide, Block block, String printed) {
        boolean isDefinition = VARIABLE.matcher(block.text()).find()
                || FUNCTION.matcher(block.text()).find();
        if (!isDefinition) {
            assertThat(printed).as("%s:%d printed", guide, block.line()).isNotEmpty();
        }
    }

    /** A {@code json} block right after commands is what they printed last, but for what is drawn by chance. */
    private static void assertThatSamplesAreTrue(MarkdownFile guide, String output) {
        List<Block> blocks = guide.blocks();
        for (int i = 1; i < blocks.size(); i++) {
            Block sample = blocks.get(i);
            Block commands = blocks.get(i - 1);
            if (sample.language().equals("json") && isRun(commands)) {
                String printed = printedBy(commands, output);
                assertSame(
                        guide + ":" + sample.line(),
                        parse(sample.text()),
                        parse(printed.substring(printed.lastIndexOf('\n') + 1)));
            }
        }
    }

    private static void assertSame(String where, JsonNode sample, JsonNode real) {
        assertThat(real.getNodeType()).as(where).isEqualTo(sample.getNodeType());
        if (sample.isArray()) {
            assertThat(real.size()).as(where).isEqualTo(sample.size());
            for (int i = 0; i < sample.size(); i++) {
                assertSame(where + " " + i, sample.get(i), real.get(i));
            }
            return;
        }
        if (!sample.isObject()) {
            boolean isCut = CUT.matcher(sample.asText()).matches();
            assertThat(isCut ? sample : real).as(where).isEqualTo(sample);
            return;
        }
        assertThat(real.properties().stream().map(Map.Entry::getKey))
                .as(where)
                .containsExactlyInAnyOrderElementsOf(
                        sample.properties().stream().map(Map.Entry::getKey).toList());
        for (Map.Entry<String, JsonNode> member : sample.properties()) {
            if (member.getKey().equals("scope")) {
                assertThat(words(real.get("scope"))).as(where).isEqualTo(words(member.getValue()));
            } else if (!BY_CHANCE.contains(member.getKey())) {
                assertSame(where + " " + member.getKey(), member.getValue(), real.get(member.getKey()));
            }
        }
    }

    /** Scopes come in any order. */
    private static Set<String> words(JsonNode text) {
        return Set.of(text.asText().split(" "));
    }

    private static JsonNode parse(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("Not JSON: " + text, e);
        }
    }
}
