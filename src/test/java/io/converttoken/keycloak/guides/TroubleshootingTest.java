// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.ReasonCode;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every reason has a row in the guide, and advice in every language, which says the same as the row. */
class TroubleshootingTest {

    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| <a id=\"([a-z_]+)\"></a>`\\1` \\| ([^|]+) \\| ([^|]+) \\|$");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{[a-z]+}");
    private static final Path MESSAGES = Path.of("themes/convert-token/common/messages");

    private static Map<String, String> rows() throws IOException {
        Map<String, String> rows = new TreeMap<>();
        ROW.matcher(Files.readString(Path.of("docs/troubleshooting.md")))
                .results()
                .forEach(row -> assertThat(rows.put(row.group(1), row.group(3))).isNull());
        return rows;
    }

    private static Properties messages(String language) throws IOException {
        Properties messages = new Properties();
        try (Reader file = Files.newBufferedReader(MESSAGES.resolve("messages_" + language + ".properties"))) {
            messages.load(file);
        }
        return messages;
    }

    @Test
    void everyReasonHasARowAndEveryRowAReason() throws IOException {
        assertThat(rows().keySet())
                .containsExactlyElementsOf(new TreeSet<>(
                        Arrays.stream(ReasonCode.values()).map(ReasonCode::code).toList()));
    }

    /** Who was given advice finds the same words in the guide. */
    @Test
    void rowSaysWhatTheAdviceSays() throws IOException {
        Properties english = messages("en");
        rows().forEach((code, whatToDo) -> assertThat(english.getProperty("convertTokenExplain.advice." + code))
                .as(code)
                .isNotNull()
                .satisfies(advice -> assertThat(plain(advice)).isEqualTo(plain(whatToDo))));
    }

    private static String plain(String text) {
        return text.replace("(provider) > ", "").replace("> (mapper) ", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "de", "fr", "es", "ja", "pt_BR"})
    void everyReasonAndEveryCheckIsSaid(String language) throws IOException {
        Properties english = messages("en");
        Properties messages = messages(language);

        for (ReasonCode code : ReasonCode.values()) {
            String key = "convertTokenExplain.advice." + code.code();
            assertThat(messages.getProperty(key)).as(key).isNotBlank();
            assertThat(placeholders(messages.getProperty(key)))
                    .as(key)
                    .containsExactlyElementsOf(placeholders(english.getProperty(key)));
        }
        for (Check check : Check.values()) {
            assertThat(messages.getProperty("convertTokenExplain.check." + check.code()))
                    .as(check.code())
                    .isNotBlank();
        }
    }

    private static List<String> placeholders(String text) {
        return PLACEHOLDER
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .sorted()
                .distinct()
                .toList();
    }
}
