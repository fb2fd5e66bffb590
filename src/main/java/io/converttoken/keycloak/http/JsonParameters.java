// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.IOException;
import java.io.InputStream;

/** Reads parameters from a JSON object of plain values. Reading stops at the first thing that is refused. */
final class JsonParameters {

    private static final String MALFORMED = "Body is not a JSON object of plain values";

    private static final JsonFactory STRICT_JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // the parser must not keep the names that a caller makes up
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxDocumentLength(BodyLimits.MAX_LENGTH)
                    .build())
            .build();

    private JsonParameters() {}

    /**
     * Reads the object; {@code null} stands for an absent parameter.
     *
     * @throws UnreadableBodyException when the body is too large, is not such an object, or names a parameter twice
     */
    static MultivaluedMap<String, String> read(InputStream body) {
        try (JsonParser json = STRICT_JSON.createParser(body)) {
            require(json.nextToken() == JsonToken.START_OBJECT);
            MultivaluedMap<String, String> parameters = members(json);
            require(json.nextToken() == null);
            return parameters;
        } catch (StreamConstraintsException e) {
            throw UnreadableBodyException.tooLarge();
        } catch (IOException e) {
            // not passed on as the cause, because its message would quote the body
            throw UnreadableBodyException.malformed(MALFORMED);
        }
    }

    private static MultivaluedMap<String, String> members(JsonParser json) throws IOException {
        MultivaluedMap<String, String> parameters = new MultivaluedHashMap<>();
        for (int members = 1; json.nextToken() != JsonToken.END_OBJECT; members++) {
            BodyLimits.requireFew(members);
            String name = json.currentName();
            JsonToken value = json.nextToken();
            require(value != null && value.isScalarValue());
            if (value != JsonToken.VALUE_NULL) {
                parameters.putSingle(name, json.getText());
            }
        }
        return parameters;
    }

    private static void require(boolean isPlain) {
        if (!isPlain) {
            throw UnreadableBodyException.malformed(MALFORMED);
        }
    }
}
