// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import java.util.Optional;

/** Reads members of a provider's answer, only in the JSON types in which providers document them. */
public final class JsonMembers {

    private JsonMembers() {}

    /** Returns a text, or nothing if the member is not a text or is blank. */
    public static Optional<String> text(JsonNode object, String name) {
        JsonNode member = object.path(name);
        return member.isTextual() && !member.textValue().isBlank() ? Optional.of(member.textValue()) : Optional.empty();
    }

    /** Returns an id, which is a text that is not blank or a whole number. */
    public static Optional<String> id(JsonNode object, String name) {
        JsonNode member = object.path(name);
        return member.isIntegralNumber() ? Optional.of(member.asText()) : text(object, name);
    }

    /** when there is no id */
    public static String requireId(JsonNode object, String name) {
        return id(object, name).orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.SUBJECT_MISSING));
    }
}
