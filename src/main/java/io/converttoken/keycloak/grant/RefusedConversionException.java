// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import io.converttoken.keycloak.refusal.RefusedCall;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.keycloak.services.CorsErrorResponseException;
import org.keycloak.services.cors.Cors;

/** Ends a request as Keycloak's token endpoint does, with an answer that also names the reference of the event. */
final class RefusedConversionException extends CorsErrorResponseException {

    private static final long serialVersionUID = 1L;

    private final transient Cors origins;
    private final transient Map<String, String> answer;

    RefusedConversionException(Cors origins, RefusedCall refusal) {
        super(origins, refusal.error().error(), refusal.error().description(), refusal.status());
        this.origins = origins;
        this.answer = refusal.error().json();
    }

    @Override
    public Response getResponse() {
        return origins.add(
                Response.fromResponse(super.getResponse()).entity(answer).type(MediaType.APPLICATION_JSON_TYPE));
    }
}
