// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.keycloak.services.cors.Cors;

/**
 * An OAuth error, as JSON.
 *
 * @param error the code (RFC 6749, section 5.2; RFC 6750, section 3.1)
 * @param description a fixed text of ours
 * @param reference what finds the event of the refusal and says nothing by itself, if there is an event
 */
public record OAuthError(String error, String description, Optional<String> reference) {

    public static OAuthError of(String error, String description) {
        return new OAuthError(error, description, Optional.empty());
    }

    public OAuthError withReference(String other) {
        return new OAuthError(error, description, Optional.of(other));
    }

    /**
     * Returns the answer without a header about origins. Pages of other origins cannot read it, unless other code adds
     * such a header.
     */
    public Response answer(Response.StatusType status, Map<String, String> headers) {
        return builder(status, headers).build();
    }

    /** Returns the answer, which pages of the given origins may read. */
    public Response answer(Response.StatusType status, Map<String, String> headers, Cors origins) {
        return origins.add(builder(status, headers));
    }

    /** Returns the members of the answer. */
    public Map<String, String> json() {
        Map<String, String> members = new LinkedHashMap<>();
        members.put("error", error);
        members.put("error_description", description);
        reference.ifPresent(value -> members.put("error_reference", value));
        return members;
    }

    private Response.ResponseBuilder builder(Response.StatusType status, Map<String, String> headers) {
        Response.ResponseBuilder answer = Response.status(status).entity(json()).type(MediaType.APPLICATION_JSON_TYPE);
        headers.forEach(answer::header);
        return answer;
    }
}
