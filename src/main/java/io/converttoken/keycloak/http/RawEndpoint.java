// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import io.converttoken.keycloak.internals.PlatformForm;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.keycloak.http.HttpRequest;
import org.keycloak.models.KeycloakSession;

/** An endpoint that takes a body of any type, up to the limit of all bodies, and a form. */
public final class RawEndpoint {

    private final KeycloakSession session;
    private final Function<Supplier<RawRequest>, Response> action;

    /**
     * Must be called by a locator, as {@link FormEndpoint} must.
     *
     * @param action answers the request; it reads the request after all checks that do not need the body
     */
    public RawEndpoint(KeycloakSession session, Function<Supplier<RawRequest>, Response> action) {
        this.session = session;
        this.action = action;
        PlatformForm.leaveMultipart(request().getHttpHeaders());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response form() {
        return answer(
                () -> new RawRequest(Optional.of(UnreadRequest.ofForm(request()).read()), new byte[0], request()));
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    public Response body(InputStream body) {
        try (UnreadBody unread = new UnreadBody(body)) {
            return answer(() -> new RawRequest(Optional.empty(), read(unread), request()));
        }
    }

    /** Reads no more than the limit, whatever the request announces. */
    private byte[] read(InputStream body) {
        BodyLimits.requireShort(request());
        try {
            byte[] read = body.readNBytes((int) BodyLimits.MAX_LENGTH + 1);
            BodyLimits.requireLength(read.length);
            return read;
        } catch (IOException e) {
            // not passed on as the cause, because its message may quote the body
            throw UnreadableBodyException.malformed("Body cannot be read");
        }
    }

    private Response answer(Supplier<RawRequest> request) {
        session.getContext().getHttpResponse().setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        return action.apply(request);
    }

    private HttpRequest request() {
        return session.getContext().getHttpRequest();
    }
}
