// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.reason;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes values that come from outside fit for events, logs and answers: short, on one line, and without characters that
 * a terminal or a log viewer would act on.
 */
final class Shown {

    private static final int MAX_LENGTH = 160;
    private static final int MAX_VALUES = 6;

    private Shown() {}

    /** Returns a text for a value, for the values of a collection, or for an optional value. */
    static Optional<String> of(@Nullable Object value) {
        if (value instanceof Optional<?> optional) {
            return optional.flatMap(Shown::of);
        }
        if (value instanceof Collection<?> values) {
            return Optional.of(list(values));
        }
        return Optional.ofNullable(value).map(text -> plain(text.toString()));
    }

    private static String list(Collection<?> values) {
        List<String> texts = values.stream().map(String::valueOf).sorted().toList();
        String shown = texts.stream().limit(MAX_VALUES).map(Shown::plain).collect(Collectors.joining(", "));
        int more = texts.size() - MAX_VALUES;
        return more > 0 ? shown + " and " + more + " more" : shown.isEmpty() ? "none" : shown;
    }

    private static String plain(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(MAX_LENGTH).forEach(character -> append(shown, character));
        return text.codePointCount(0, text.length()) > MAX_LENGTH
                ? shown.append('…').toString()
                : shown.toString();
    }

    private static void append(StringBuilder shown, int character) {
        if (isPlain(character)) {
            shown.appendCodePoint(character);
        } else {
            shown.append("\\u{").append(Integer.toHexString(character)).append('}');
        }
    }

    /** Returns whether a character is harmless, which format characters, such as those of direction, are not. */
    private static boolean isPlain(int character) {
        return character == ' ' || Character.isLetterOrDigit(character) || isMark(character);
    }

    private static boolean isMark(int character) {
        return switch (Character.getType(character)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION,
                    Character.MATH_SYMBOL,
                    Character.CURRENCY_SYMBOL,
                    Character.MODIFIER_SYMBOL,
                    Character.OTHER_SYMBOL -> true;
            default -> false;
        };
    }
}
