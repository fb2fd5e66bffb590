// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Refusal;
import java.util.Optional;

/** Members of a provider's answer, taken only in the types in which providers document them. */
public final class JsonMembers {

    private JsonMembers() {}

    /** A text that is not blank. */
    public static Optional<String> text(JsonNode object, String name) {
        JsonNode member = object.path(name);
        return member.isTextual() && !member.textValue().isBlank() ? Optional.of(member.textValue()) : Optional.empty();
    }

    /** An id: a text that is not blank, or a whole number. */
    public static Optional<String> id(JsonNode object, String name) {
        JsonNode member = object.path(name);
        return member.isIntegralNumber() ? Optional.of(member.asText()) : text(object, name);
    }

    /** @throws ExternalTokenRefusedException where there is no id */
    public static String requireId(JsonNode object, String name) {
        return id(object, name).orElseThrow(() -> new ExternalTokenRefusedException(Refusal.NO_SUBJECT));
    }
}
