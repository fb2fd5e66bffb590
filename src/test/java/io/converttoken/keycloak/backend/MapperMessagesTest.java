// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.backend.BackendConfig.Key;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keycloak.provider.ProviderConfigProperty;

/** Every text of the mapper's form and its faults, in every language we speak. */
class MapperMessagesTest {

    private static final List<MapperFault> FAULTS = List.of(
            MapperFault.unsound(Key.ACCEPTED_TOKENS, "a"),
            MapperFault.unsound(Key.MAX_TOKEN_AGE, "a"),
            MapperFault.unsound(Key.SINGLE_USE, "a"),
            MapperFault.unsound(Key.SIGNAL_SCOPE, "a"),
            MapperFault.unsound(Key.SIGNAL_KEYS_URL, "a"),
            MapperFault.unsound(Key.SIGNAL_SECRET, "a"),
            MapperFault.unsound(Key.APPLE_PRIVATE_KEY, "a"),
            MapperFault.missingOfApple(Key.APPLE_KEY_ID),
            MapperFault.unsoundLine(Key.BACKEND_NAMES, "a"),
            MapperFault.unknownKey("a"),
            MapperFault.unknownClient("a"),
            MapperFault.nameTaken("a", "b"),
            MapperFault.aliasTaken("a", "b"),
            MapperFault.second("a", "b"));

    /** They name no value, because that may be a key. */
    private static final Set<MapperFault> OF_APPLE =
            Set.of(MapperFault.unsound(Key.APPLE_PRIVATE_KEY, "a"), MapperFault.missingOfApple(Key.APPLE_KEY_ID));

    @Test
    void englishHasATextForEveryFieldAndFault() {
        Set<String> needed = Stream.concat(
                        BackendConfig.properties().stream()
                                .flatMap(field -> Stream.of(field.getLabel(), field.getHelpText())),
                        FAULTS.stream().map(MapperFault::message))
                .collect(Collectors.toSet());

        assertThat(ours("en")).isEqualTo(needed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"de", "es", "fr", "ja", "pt_BR"})
    void everyLanguageHasTheSameTextsOfItsOwn(String language) {
        Properties english = messages("en");
        Properties texts = messages(language);

        assertThat(ours(language)).isEqualTo(ours("en"));
        assertThat(ours(language))
                .allSatisfy(
                        key -> assertThat(texts.getProperty(key)).isNotBlank().isNotEqualTo(english.getProperty(key)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "de", "es", "fr", "ja", "pt_BR"})
    void faultsNameWhatIsWrong(String language) {
        Properties texts = messages(language);

        for (MapperFault fault : FAULTS) {
            MapperFault marked =
                    new MapperFault(fault.code(), fault.message(), fault.label(), List.of("{x'1}", "{x'2}"));
            String text = marked.in(texts, Locale.forLanguageTag(language.replace('_', '-')));

            assertThat(text).doesNotContain("{0}", "{1}", "{2}");
            if (fault.equals(MapperFault.unsound(Key.SIGNAL_SECRET, "a"))) {
                assertThat(text).contains("${vault.github-webhook}").doesNotContain("{x'1}");
                continue;
            }
            if (OF_APPLE.contains(fault)) {
                assertThat(text).startsWith(texts.getProperty(fault.label())).doesNotContain("{x'1}");
                continue;
            }
            assertThat(text).contains("{x'1}");
            if (fault.values().size() > 1) {
                assertThat(text).contains("{x'2}");
            } else if (!fault.equals(MapperFault.unknownKey("a"))) {
                assertThat(text).startsWith(texts.getProperty(fault.label()));
            }
        }
    }

    @Test
    void withoutItsTextAFaultStillSaysItsName() {
        assertThat(MapperFault.unknownClient("a").in(new Properties(), Locale.ENGLISH))
                .isEqualTo("convertToken.error.unknownClient");
    }

    @Test
    void fieldsStandInOrderAndAreOfTypesThatTheConsoleSaves() {
        assertThat(BackendConfig.properties())
                .extracting(ProviderConfigProperty::getType)
                .containsExactly(
                        "Text", "Text", "Text", "List", "boolean", "boolean", "Integer", "boolean", "String", "String",
                        "Text", "boolean", "String", "String", "String", "List", "List", "List", "boolean");
    }

    private static Set<String> ours(String language) {
        return messages(language).stringPropertyNames().stream()
                .filter(key -> key.startsWith("convertToken."))
                .collect(Collectors.toSet());
    }

    static Properties messages(String language) {
        String name = "/theme-resources/messages/messages_" + language + ".properties";
        Properties messages = new Properties();
        try (InputStream stream = MapperMessagesTest.class.getResourceAsStream(name)) {
            messages.load(new InputStreamReader(Objects.requireNonNull(stream, name), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return messages;
    }
}
