// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One HTTP request in the making: parameters in the order given, repeated ones too, or a body. Redirects are not
 * followed. Not for reuse after it is sent.
 */
public final class Call {

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private static final String BOUNDARY = "a-boundary-of-parts";

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final URI uri;
    private final List<Parameter> parameters = new ArrayList<>();
    private final HttpRequest.Builder request;
    private Optional<Body> body = Optional.empty();

    private Call(URI uri) {
        this.uri = uri;
        this.request = HttpRequest.newBuilder().timeout(TIMEOUT);
    }

    private record Parameter(String name, String value) {}

    private record Body(String contentType, String content) {}

    public static Call to(URI uri) {
        return new Call(uri);
    }

    /** Where the call goes, without the parameters. */
    public URI uri() {
        return uri;
    }

    /** Adds a parameter: of the form where the request is a POST without another body, of the query otherwise. */
    public Call param(String name, String value) {
        parameters.add(new Parameter(name, value));
        return this;
    }

    public Call params(Map<String, String> more) {
        more.forEach(this::param);
        return this;
    }

    public Call header(String name, String value) {
        request.header(name, value);
        return this;
    }

    public Call bearer(String token) {
        return header("Authorization", "Bearer " + token);
    }

    /** The client authenticates by the Authorization header. */
    public Call basic(String clientId, String secret) {
        String credentials = encoded(clientId) + ":" + encoded(secret);
        return header(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
    }

    /** The client says who it is: confidential by the Authorization header, public by {@code client_id}. */
    public Call as(TestClient client) {
        return client.secret()
                .map(secret -> basic(client.clientId(), secret))
                .orElseGet(() -> param("client_id", client.clientId()));
    }

    /** A JSON body. */
    public Call json(Object value) {
        return body("application/json", Json.write(value));
    }

    /** The parameters given so far, and to be given, as a flat JSON object instead of a form. */
    public Answer postJson() {
        StringBuilder object = new StringBuilder();
        for (Parameter parameter : parameters) {
            object.append(object.isEmpty() ? "{" : ",")
                    .append(Json.write(parameter.name()))
                    .append(':')
                    .append(Json.write(parameter.value()));
        }
        parameters.clear();
        return body(
                        "application/json",
                        object.isEmpty() ? "{}" : object.append('}').toString())
                .post();
    }

    /** The parameters given so far, and to be given, as parts of a form instead of URL-encoded. */
    public Answer postMultipart() {
        StringBuilder parts = new StringBuilder();
        for (Parameter parameter : parameters) {
            parts.append("--").append(BOUNDARY).append("\r\nContent-Disposition: form-data; name=\"");
            parts.append(parameter.name())
                    .append("\"\r\n\r\n")
                    .append(parameter.value())
                    .append("\r\n");
        }
        parameters.clear();
        return body(
                        "multipart/form-data; boundary=" + BOUNDARY,
                        parts.append("--").append(BOUNDARY).append("--\r\n").toString())
                .post();
    }

    public Call body(String contentType, String content) {
        body = Optional.of(new Body(contentType, content));
        return this;
    }

    public Answer post() {
        return send("POST");
    }

    public Answer get() {
        return send("GET");
    }

    public Answer options() {
        return send("OPTIONS");
    }

    public Answer put() {
        return send("PUT");
    }

    public Answer delete() {
        return send("DELETE");
    }

    public Answer send(String method) {
        if (method.equals("POST") && body.isEmpty()) {
            body("application/x-www-form-urlencoded", encodedParameters());
            parameters.clear();
        }
        body.ifPresent(present -> request.header("Content-Type", present.contentType()));
        request.uri(uriWithQuery())
                .method(
                        method,
                        body.map(present -> HttpRequest.BodyPublishers.ofString(present.content()))
                                .orElseGet(HttpRequest.BodyPublishers::noBody));
        return answerOf(request.build());
    }

    private static Answer answerOf(HttpRequest request) {
        try {
            HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(request.method() + " " + request.uri(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted in " + request.method() + " " + request.uri(), e);
        }
    }

    private URI uriWithQuery() {
        if (parameters.isEmpty()) {
            return uri;
        }
        return URI.create(uri + (uri.getRawQuery() == null ? "?" : "&") + encodedParameters());
    }

    private String encodedParameters() {
        return String.join(
                "&",
                parameters.stream()
                        .map(parameter -> encoded(parameter.name()) + "=" + encoded(parameter.value()))
                        .toList());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
