package io.converttoken.keycloak.http;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuthErrorException;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.cors.Cors;

/** An endpoint that takes its parameters as a form or as a JSON object. */
public final class FormEndpoint {

    private final KeycloakSession session;
    private final Function<FormRequest, Response> action;

    public FormEndpoint(KeycloakSession session, Function<FormRequest, Response> action) {
        this.session = session;
        this.action = action;
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response form() {
        forbidCaching();
        return act(FormRequest.ofForm(session.getContext().getHttpRequest()));
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Response json(@Nullable String body) {
        forbidCaching();
        FormRequest request;
        try {
            request = FormRequest.ofJson(session.getContext().getHttpRequest(), body);
        } catch (MalformedBodyException e) {
            return invalid("Body is not a JSON object of plain values");
        }
        return act(request);
    }

    private Response act(FormRequest request) {
        if (request.holdsNul()) {
            return invalid("Parameter holds U+0000");
        }
        if (request.credentialsHoldNul()) {
            return invalid("Client credentials hold U+0000");
        }
        return action.apply(request);
    }

    private static Response invalid(String description) {
        return OAuthError.of(OAuthErrorException.INVALID_REQUEST, description)
                .answer(Response.Status.BAD_REQUEST, Map.of());
    }

    /** Catches every other content type, which would be a server error beside two that differ (Keycloak 26.7.3). */
    @POST
    @Consumes(MediaType.WILDCARD)
    public Response other() {
        forbidCaching();
        return OAuthError.of(OAuthErrorException.INVALID_REQUEST, "Send a form or a JSON object")
                .answer(Response.Status.UNSUPPORTED_MEDIA_TYPE, Map.of());
    }

    /** RFC 6749, section 5.1, for every answer: Keycloak's revocation endpoint says nothing of caches. */
    private void forbidCaching() {
        session.getContext().getHttpResponse().setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    }

    @OPTIONS
    public Response preflight() {
        return Cors.builder()
                .auth()
                .preflight()
                .allowedMethods("POST", "OPTIONS")
                .add(Response.ok());
    }
}
