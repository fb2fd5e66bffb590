// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.function.Supplier;
import org.keycloak.models.KeycloakSession;

/** An endpoint that shows something and changes nothing. Its parameters are in the query. */
public final class ReadEndpoint {

    private final KeycloakSession session;
    private final Supplier<Response> action;

    public ReadEndpoint(KeycloakSession session, Supplier<Response> action) {
        this.session = session;
        this.action = action;
    }

    @GET
    public Response get() {
        session.getContext().getHttpResponse().setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        return action.get();
    }

    @OPTIONS
    public Response preflight() {
        return Preflight.allowing("GET");
    }
}
