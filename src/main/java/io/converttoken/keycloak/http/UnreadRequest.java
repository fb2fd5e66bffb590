// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import java.io.InputStream;
import java.util.function.Supplier;
import org.keycloak.http.HttpRequest;

/** A request whose parameters nobody has looked at yet: what can be refused without them is refused before. */
public final class UnreadRequest {

    private final Runnable check;
    private final Supplier<FormRequest> parameters;

    private UnreadRequest(Runnable check, Supplier<FormRequest> parameters) {
        this.check = check;
        this.parameters = parameters;
    }

    /** A form, which Keycloak has read, within limits of its own, before it calls any endpoint. */
    static UnreadRequest ofForm(HttpRequest request) {
        return new UnreadRequest(() -> BodyLimits.requireShort(request), () -> FormRequest.ofForm(request));
    }

    /** A JSON object, of which nothing has come yet. */
    static UnreadRequest ofJson(HttpRequest request, InputStream body) {
        return new UnreadRequest(() -> BodyLimits.requireShort(request), () -> FormRequest.ofJson(request, body));
    }

    /** A form in parts, of which nothing has come yet. */
    static UnreadRequest ofMultipart(HttpRequest request, InputStream body) {
        return new UnreadRequest(() -> BodyLimits.requireShort(request), () -> FormRequest.ofMultipart(request, body));
    }

    static UnreadRequest ofAnotherType() {
        return of(UnreadableBodyException.ofAnotherType());
    }

    /** One that was read before. */
    public static UnreadRequest of(FormRequest read) {
        return new UnreadRequest(() -> {}, () -> read);
    }

    /** One that could not be read, for whoever knows what to answer: type and size are refused before anything else. */
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
     * @throws UnreadableBodyException when it is of a type that is not taken, or too large
     */
    public void requireReadable() {
        check.run();
    }

    /**
     * The request with its parameters. JSON and forms in parts are read once only.
     *
     * @throws UnreadableBodyException when the body is too large, of a type that is not taken, or not what its type says
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
