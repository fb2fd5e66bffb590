package io.converttoken.keycloak.http;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.keycloak.representations.idm.OAuth2ErrorRepresentation;
import org.keycloak.services.cors.Cors;

/**
 * An error that is found before a client is known, so that any origin may read it, as at Keycloak's token endpoint.
 *
 * @param error the code (RFC 6749, section 5.2; RFC 6750, section 3.1)
 * @param description a fixed text of ours
 */
public record OAuthError(String error, String description) {

    public static OAuthError of(String error, String description) {
        return new OAuthError(error, description);
    }

    public Response answer(Response.Status status, Map<String, String> headers) {
        Response.ResponseBuilder answer = Response.status(status)
                .entity(new OAuth2ErrorRepresentation(error, description))
                .type(MediaType.APPLICATION_JSON_TYPE);
        headers.forEach(answer::header);
        return Cors.builder().auth().allowAllOrigins().add(answer);
    }
}
