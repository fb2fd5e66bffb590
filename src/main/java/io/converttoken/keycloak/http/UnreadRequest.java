// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import java.io.InputStream;
import java.util.function.Supplier;
import org.keycloak.http.HttpRequest;

/** A request whose parameters have not been read yet. All checks that do not need the parameters come first. */
public final class UnreadRequest {

    private final Runnable check;
    private final Supplier<FormRequest> parameters;

    private UnreadRequest(Runnable check, Supplier<FormRequest> parameters) {
        this.check = check;
        this.parameters = parameters;
    }

    /**
     * Returns a request with a form. Keycloak has read the form, within limits of its own, before it calls any
     * endpoint.
     */
    static UnreadRequest ofForm(HttpRequest request) {
        return new UnreadRequest(() -> BodyLimits.requireShort(request), () -> FormRequest.ofForm(request));
    }

    /** Returns a request with a JSON object of which nothing has been read yet. */
    static UnreadRequest ofJson(HttpRequest request, InputStream body) {
        return new UnreadRequest(() -> BodyLimits.requireShort(request), () -> FormRequest.ofJson(request, body));
    }

    /** Returns a request with a form in parts of which nothing has been read yet. */
    static UnreadRequest ofMultipart(HttpRequest request, InputStream body) {
        return new UnreadRequest(() -> BodyLimits.requireShort(request), () -> FormRequest.ofMultipart(request, body));
    }

    /** A query, which has no body. */
    public static UnreadRequest ofQuery(HttpRequest request) {
        return new UnreadRequest(() -> {}, () -> FormRequest.ofQuery(request));
    }

    static UnreadRequest ofAnotherType() {
        return of(UnreadableBodyException.ofAnotherType());
    }

    /** Returns a request that was read before. */
    public static UnreadRequest of(FormRequest read) {
        return new UnreadRequest(() -> {}, () -> read);
    }

    /**
     * Returns a request that could not be read. A wrong type or size is refused before anything else, malformed content
     * only when the parameters are read.
     */
    public static UnreadRequest of(UnreadableBodyException refusal) {
        Runnable refused = () -> {
            throw refusal;
        };
        return new UnreadRequest(refusal.isMalformed() ? () -> {} : refused, () -> {
            throw refusal;
        });
    }

    /**
     * Checks what the request says of its body.
     *
     * @throws UnreadableBodyException when the body is of a type that is not taken, or too large
     */
    public void requireReadable() {
        check.run();
    }

    /**
     * Returns the request with its parameters. JSON and forms in parts can be read only once.
     *
     * @throws UnreadableBodyException when the body is too large, of a type that is not taken, or not what its type
     *     says
     */
    public FormRequest read() {
        requireReadable();
        FormRequest request = parameters.get();
        if (request.holdsNul()) {
            throw UnreadableBodyException.malformed("Parameter holds U+0000");
        }
        if (request.credentialsHoldNul()) {
            throw UnreadableBodyException.malformed("Client credentials hold U+0000");
        }
        return request;
    }
}
