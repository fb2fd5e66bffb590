// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.docs.ApiDocs;
import io.converttoken.keycloak.http.FormEndpoint;
import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.OAuthError;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.http.RawEndpoint;
import io.converttoken.keycloak.http.ReadEndpoint;
import io.converttoken.keycloak.http.UnreadRequest;
import io.converttoken.keycloak.refusal.CallRefusedException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.keycloak.OAuth2Constants;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.protocol.oidc.OIDCLoginProtocolService;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.protocol.oidc.endpoints.TokenEndpoint;
import org.keycloak.services.cors.Cors;
import org.keycloak.services.resources.RealmsResource;

/** The endpoints under {@code /realms/{realm}/auth}; tokens are issued and revoked by Keycloak's own endpoints. */
public final class AuthResource {

    private static final String CONVERT_TOKEN = "convert_token";
    private static final int MAX_NAME_LENGTH = 255;

    private final KeycloakSession session;
    private final Optional<ApiDocs> docs;

    /** @param docs the documentation, or nothing if it is switched off */
    AuthResource(KeycloakSession session, Optional<ApiDocs> docs) {
        this.session = session;
        this.docs = docs;
    }

    /** Runs any grant of the realm, as Keycloak's token endpoint does. */
    @Path("token")
    public FormEndpoint token() {
        return new FormEndpoint(
                session, unread -> new ClientCall(session, EventType.LOGIN).answer(unread, this::issue));
    }

    /** Runs the {@code convert_token} grant. The parameter {@code grant_type} may be left out. */
    @Path("convert-token")
    public FormEndpoint convertToken() {
        return new FormEndpoint(session, this::convert);
    }

    /** Revokes a token (RFC 7009). If the request names no token, the bearer token itself is revoked. */
    @Path("revoke-token")
    public FormEndpoint revokeToken() {
        return new FormEndpoint(session, request -> new TokenRevocation(session).revoke(request));
    }

    /** Ends the caller's sessions in an application. */
    @Path("invalidate-sessions")
    public FormEndpoint invalidateSessions() {
        return new FormEndpoint(session, request -> new SelfServiceInvalidation(session).invalidateSessions(request));
    }

    /** Ends the caller's refresh tokens in an application, and nothing else. */
    @Path("invalidate-refresh-tokens")
    public FormEndpoint invalidateRefreshTokens() {
        return new FormEndpoint(
                session, request -> new SelfServiceInvalidation(session).invalidateRefreshTokens(request));
    }

    /** The caller's sessions. */
    @Path("sessions")
    public ReadEndpoint sessions() {
        return new ReadEndpoint(session, () -> new OwnSessions(session).show());
    }

    /** Connects the identity that an external token names to the caller's account. */
    @Path("connect-backend")
    public FormEndpoint connectBackend() {
        return new FormEndpoint(session, request -> new BackendConnections(session).connect(request));
    }

    /** Disconnects an identity from the caller's account. */
    @Path("disconnect-backend")
    public FormEndpoint disconnectBackend() {
        return new FormEndpoint(session, request -> new BackendConnections(session).disconnect(request));
    }

    /** Takes what the provider of a backend tells about its people. */
    @Path("signals/{backend}")
    public RawEndpoint signals(@PathParam("backend") String backend) {
        return new RawEndpoint(session, unread -> new Signals(session).answer(backend, unread));
    }

    /** The page to which the confirmation code of a deletion leads. */
    @GET
    @Path("signals/{backend}/deletions/{code}")
    public Response deletion(@PathParam("backend") String backend, @PathParam("code") String code) {
        return new Signals(session).deletion(backend, code);
    }

    /** Sends the browser on to Keycloak's authorization endpoint, with the same query. */
    @GET
    @Path("authorize")
    public Response authorize() {
        UriBuilder endpoint =
                RealmsResource.protocolUrl(session.getContext().getUri()).path(OIDCLoginProtocolService.class, "auth");
        String target = endpoint.build(session.getContext().getRealm().getName(), OIDCLoginProtocol.LOGIN_PROTOCOL)
                .toString();
        String query = session.getContext().getUri().getRequestUri().getRawQuery();
        return Response.status(Response.Status.FOUND)
                .header(HttpHeaders.LOCATION, query == null ? target : target + "?" + query)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    /** The explorer of this realm's API. */
    @GET
    @Path("docs")
    public Response docs() {
        return described(ApiDocs::page);
    }

    /** The page on which an administrator asks why a token was refused. */
    @GET
    @Path("docs/explain")
    public Response explain() {
        return described(ApiDocs::explainPage);
    }

    /** The OpenAPI document of this realm. */
    @GET
    @Path("openapi.json")
    public Response openApiJson() {
        return described(ApiDocs::openApiJson);
    }

    /** The OpenAPI document of this realm, as YAML. */
    @GET
    @Path("openapi.yaml")
    public Response openApiYaml() {
        return described(ApiDocs::openApiYaml);
    }

    private Response described(Function<ApiDocs, Response> answer) {
        if (docs.isEmpty()) {
            return OAuthError.of("not_found", "Switched off on this server")
                    .answer(Response.Status.NOT_FOUND, Map.of(), everyOrigin());
        }
        if (new Bearer(session).isInsecure()) {
            return CallRefusedException.insecure().refusal().answer(everyOrigin());
        }
        return answer.apply(docs.get());
    }

    private static Cors everyOrigin() {
        return Cors.builder().auth().allowAllOrigins();
    }

    private Response convert(UnreadRequest unread) {
        return new ClientCall(session, EventType.LOGIN).answer(unread, AuthResource::namingTheGrant, this::issue);
    }

    /** @throws CallRefusedException when the request names another grant */
    private static FormRequest namingTheGrant(FormRequest request) {
        boolean isOurs = Parameter.optional(request, OAuth2Constants.GRANT_TYPE, MAX_NAME_LENGTH)
                .orElse(CONVERT_TOKEN)
                .equals(CONVERT_TOKEN);
        if (!isOurs) {
            throw CallRefusedException.unsupportedGrantType();
        }
        return request.with(OAuth2Constants.GRANT_TYPE, CONVERT_TOKEN);
    }

    private Response issue(EventBuilder event) {
        return new TokenEndpoint(session, new TokenManager(), event).processGrantRequest();
    }
}
