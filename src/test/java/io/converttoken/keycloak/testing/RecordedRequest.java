// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A request as the fake provider got it. Header names are lower case; form parameters are the last of their name. */
public record RecordedRequest(
        String method, String path, String query, Map<String, String> headers, String body, Map<String, String> form) {

    public RecordedRequest {
        headers = Map.copyOf(headers);
        form = Map.copyOf(form);
    }

    static RecordedRequest of(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
        boolean isForm = headers.getOrDefault("content-type", "").startsWith("application/x-www-form-urlencoded");
        String query = exchange.getRequestURI().getRawQuery();
        return new RecordedRequest(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                query == null ? "" : query,
                headers,
                body,
                isForm ? parameters(body) : Map.of());
    }

    /** The query parameters, the last of each name. */
    public Map<String, String> queryParameters() {
        return parameters(query);
    }

    /** The query parameters of any address. */
    public static Map<String, String> queryParameters(URI uri) {
        return parameters(Optional.ofNullable(uri.getRawQuery()).orElse(""));
    }

    /** The body as JSON. */
    public JsonNode json() {
        return Json.parse(body);
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }

    /** The token of an {@code Authorization: Bearer} header. */
    public Optional<String> bearer() {
        return header("authorization")
                .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(value -> value.substring(7).trim());
    }

    /** Client id and secret, by header or by form, joined by a colon. */
    public Optional<String> clientCredentials() {
        return header("authorization")
                .filter(value -> value.regionMatches(true, 0, "Basic ", 0, 6))
                .map(value ->
                        new String(Base64.getDecoder().decode(value.substring(6).trim()), StandardCharsets.UTF_8))
                .or(() -> Optional.ofNullable(form.get("client_secret"))
                        .map(secret -> form.getOrDefault("client_id", "") + ":" + secret));
    }

    private static Map<String, String> parameters(String body) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : body.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
