// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import io.converttoken.keycloak.internals.PlatformForm;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.function.Function;
import org.keycloak.http.HttpRequest;
import org.keycloak.models.KeycloakSession;

/** An endpoint that takes its parameters as a form, URL-encoded or in parts, or as a JSON object. */
public final class FormEndpoint {

    private final KeycloakSession session;
    private final Function<UnreadRequest, Response> action;

    /**
     * Must be called by a locator, before the platform looks for the method, because the platform would read a form in
     * parts by itself.
     *
     * @param action answers the request; it reads the parameters after all checks that do not need them
     */
    public FormEndpoint(KeycloakSession session, Function<UnreadRequest, Response> action) {
        this.session = session;
        this.action = action;
        PlatformForm.leaveMultipart(request().getHttpHeaders());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response form() {
        return answer(UnreadRequest.ofForm(request()));
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Response json(InputStream body) {
        try (UnreadBody unread = new UnreadBody(body)) {
            return answer(UnreadRequest.ofJson(request(), unread));
        }
    }

    @POST
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    public Response multipart(InputStream body) {
        try (UnreadBody unread = new UnreadBody(body)) {
            return answer(UnreadRequest.ofMultipart(request(), unread));
        }
    }

    /**
     * Catches every other content type. Where two methods of one path take two types, Keycloak 26.7.3 answers a third
     * type with a server error.
     */
    @POST
    @Consumes(MediaType.WILDCARD)
    public Response other() {
        return answer(UnreadRequest.ofAnotherType());
    }

    private Response answer(UnreadRequest request) {
        forbidCaching();
        return action.apply(request);
    }

    private HttpRequest request() {
        return session.getContext().getHttpRequest();
    }

    /**
     * Forbids caching of every answer, as RFC 6749, section 5.1, does for tokens, because Keycloak's revocation
     * endpoint says nothing of caches.
     */
    private void forbidCaching() {
        session.getContext().getHttpResponse().setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    }

    @OPTIONS
    public Response preflight() {
        return Preflight.allowing("POST");
    }
}
