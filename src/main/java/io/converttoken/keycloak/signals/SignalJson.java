// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.converttoken.keycloak.http.InvalidParameterException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the JSON of signals, which may come from anybody. */
final class SignalJson {

    /** No signal has so many objects in each other. */
    private static final int MAX_DEPTH = 20;

    private static final JsonMapper STRICT = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private SignalJson() {}

    /** @throws InvalidParameterException when the text is not one JSON object */
    static JsonNode object(String text) {
        return object(text.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws InvalidParameterException when the bytes are not one JSON object in UTF-8 */
    static JsonNode object(byte[] text) {
        try {
            return requireObject(STRICT.readTree(text));
        } catch (IOException e) {
            // not passed on as the cause, because its message would quote the text
            throw NotUnderstood.because("no JSON object");
        }
    }

    private static JsonNode requireObject(@Nullable JsonNode json) {
        if (json == null || !json.isObject()) {
            throw NotUnderstood.because("no JSON object");
        }
        return json;
    }

    /** Returns a text that is not blank and that a database takes. */
    static Optional<String> text(JsonNode object, String member) {
        return Optional.of(object.path(member))
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .filter(SignalJson::isPlain);
    }

    /** Returns a text, or a whole number as text. */
    static Optional<String> id(JsonNode object, String member) {
        JsonNode value = object.path(member);
        return value.isIntegralNumber() ? Optional.of(value.asText()) : text(object, member);
    }

    /** PostgreSQL does not take U+0000, and no id is longer than the column. */
    private static boolean isPlain(String text) {
        return !text.isBlank() && text.length() <= 255 && text.indexOf('\0') < 0;
    }
}
