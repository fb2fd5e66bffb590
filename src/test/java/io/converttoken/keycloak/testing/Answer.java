// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpHeaders;
import java.util.Optional;

/** What came back: a token response, an OAuth error, or anything else. */
public record Answer(int status, HttpHeaders headers, String text) {

    /** The body as JSON; a missing node where it is empty, an assertion error where it is something else. */
    public JsonNode json() {
        return Json.parse(text);
    }

    public Optional<String> header(String name) {
        return headers.firstValue(name);
    }

    /** Member {@code error}, empty where there is none. */
    public String error() {
        return member("error");
    }

    /** Member {@code error_description}, empty where there is none. */
    public String errorDescription() {
        return member("error_description");
    }

    /** Member {@code access_token}: its absence fails the test and shows the answer. */
    public String accessToken() {
        return required("access_token");
    }

    public String refreshToken() {
        return required("refresh_token");
    }

    public String idToken() {
        return required("id_token");
    }

    public JsonNode accessTokenClaims() {
        return Jwts.claims(accessToken());
    }

    public JsonNode refreshTokenClaims() {
        return Jwts.claims(refreshToken());
    }

    public JsonNode idTokenClaims() {
        return Jwts.claims(idToken());
    }

    /** Fails unless the status is the one expected. */
    public Answer expect(int expected) {
        if (status != expected) {
            throw new AssertionError("Expected status " + expected + ", got " + this);
        }
        return this;
    }

    private String required(String name) {
        String value = member(name);
        if (value.isEmpty()) {
            throw new AssertionError("No " + name + " in " + this);
        }
        return value;
    }

    private String member(String name) {
        return json().path(name).asText("");
    }

    @Override
    public String toString() {
        return status + " " + text;
    }
}
