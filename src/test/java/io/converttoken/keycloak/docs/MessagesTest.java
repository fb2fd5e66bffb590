// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The explorer says everything in every language. */
class MessagesTest {

    private static final Path THEME = Path.of("themes/convert-token/common");

    @ParameterizedTest
    @ValueSource(strings = {"en", "de", "es", "fr", "ja", "pt_BR"})
    void everythingIsSaid(String language) throws IOException {
        Properties english = messages("en");
        Properties messages = messages(language);

        assertThat(new TreeSet<>(messages.stringPropertyNames()))
                .isEqualTo(new TreeSet<>(english.stringPropertyNames()));
        assertThat(messages.values()).noneMatch(text -> text.toString().isBlank());
        assertThat(messages.getProperty("convertTokenDocs.lang")).isEqualTo(language.replace('_', '-'));
        if (!language.equals("en")) {
            assertThat(messages.stringPropertyNames())
                    .filteredOn(key -> messages.getProperty(key).equals(english.getProperty(key)))
                    .filteredOn(key -> !isTerm(english.getProperty(key)))
                    .as("left in English")
                    .hasSizeLessThan(4);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"explorer.ftl"})
    void everythingThatIsAskedForIsThere(String template) throws IOException {
        List<String> keys = Pattern.compile("text\\.(\\w+)")
                .matcher(Files.readString(THEME.resolve(template)))
                .results()
                .map(key -> "convertTokenDocs." + key.group(1))
                .toList();

        assertThat(messages("en").stringPropertyNames()).containsAll(keys);
        assertThat(Stream.of("copied", "failed", "title").map("convertTokenDocs."::concat))
                .isSubsetOf(keys);
    }

    private static Properties messages(String language) throws IOException {
        Properties messages = new Properties();
        try (Reader file = Files.newBufferedReader(THEME.resolve("messages/messages_" + language + ".properties"))) {
            messages.load(file);
        }
        return messages;
    }

    /** One word may be the same in several languages, such as Token, Nonce and Issuer. */
    private static boolean isTerm(String text) {
        return text.matches("\\p{L}+");
    }
}
