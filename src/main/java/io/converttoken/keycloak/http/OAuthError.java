// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.keycloak.representations.idm.OAuth2ErrorRepresentation;
import org.keycloak.services.cors.Cors;

/**
 * An OAuth error, as JSON.
 *
 * @param error the code (RFC 6749, section 5.2; RFC 6750, section 3.1)
 * @param description a fixed text of ours
 */
public record OAuthError(String error, String description) {

    public static OAuthError of(String error, String description) {
        return new OAuthError(error, description);
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

    private Response.ResponseBuilder builder(Response.StatusType status, Map<String, String> headers) {
        Response.ResponseBuilder answer = Response.status(status)
                .entity(new OAuth2ErrorRepresentation(error, description))
                .type(MediaType.APPLICATION_JSON_TYPE);
        headers.forEach(answer::header);
        return answer;
    }
}
