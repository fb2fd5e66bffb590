// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What a provider's token endpoint gave for a code (RFC 6749, section 5.1). Nothing of it is verified, and
 * {@code toString} shows nothing of it.
 *
 * @param json a JSON object with an access token
 */
public record TokenResponse(JsonNode json) {

    private static final String ACCESS_TOKEN = "access_token";

    static boolean isOne(JsonNode json) {
        return json.isObject() && !json.path(ACCESS_TOKEN).asText().isBlank();
    }

    public String accessToken() {
        return json.path(ACCESS_TOKEN).asText();
    }

    /** Returns the ID token, if there is one (OpenID Connect Core, section 3.1.3.3). */
    public Optional<String> idToken() {
        return Optional.of(json.path("id_token").asText()).filter(token -> !token.isBlank());
    }

    /** Returns the response in the form in which Keycloak's classes read it. */
    public String text() {
        return json.toString();
    }

    @Override
    public String toString() {
        return "TokenResponse[redacted]";
    }
}
