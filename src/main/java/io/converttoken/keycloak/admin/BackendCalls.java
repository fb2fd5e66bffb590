// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.admin;

import io.converttoken.keycloak.explain.BackendList;
import io.converttoken.keycloak.explain.Explainer;
import io.converttoken.keycloak.explain.Explanation;
import io.converttoken.keycloak.explain.ProviderHealth;
import io.converttoken.keycloak.explain.Question;
import io.converttoken.keycloak.http.FormEndpoint;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/**
 * Explains conversions and the state of backends, with the permissions of {@code IdentityProvidersResource} (Keycloak
 * 26.7.3). Each explanation and each check leaves an admin event, without the token.
 */
public final class BackendCalls {

    private final KeycloakSession session;
    private final AdminPermissionEvaluator permissions;
    private final AdminCalls calls;

    BackendCalls(KeycloakSession session, AdminPermissionEvaluator permissions, AdminCalls calls) {
        this.session = session;
        this.permissions = permissions;
        this.calls = calls;
    }

    /** Lists the realm's backends, with what of their configuration is risky or cannot work. */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public Response list() {
        return calls.carryOut("list-backends", () -> {
            permissions.realm().requireViewIdentityProviders();
            return answer(Map.of("backends", new BackendList(session).all()));
        });
    }

    /** Asks a backend's provider whether it works. */
    @Path("{name}/check")
    public FormEndpoint check(@PathParam("name") String name) {
        return new FormEndpoint(
                session,
                request -> calls.carryOut("check-backend", () -> {
                    permissions.realm().requireManageIdentityProviders();
                    request.read();
                    ProviderHealth health = ProviderHealth.of(session, name);
                    calls.event("check-backend")
                            .detail("backend", name)
                            .detail("healthy", Boolean.toString(health.healthy()))
                            .success();
                    return answer(health);
                }));
    }

    /** Says what a conversion would come to, and why. */
    @Path("{name}/explain")
    public FormEndpoint explain(@PathParam("name") String name) {
        return new FormEndpoint(
                session,
                request -> calls.carryOut("explain", () -> {
                    permissions.realm().requireManageIdentityProviders();
                    Question question = Question.from(request.read());
                    Explanation explanation = Explainer.explain(
                            session, name, question, permissions.users().canView());
                    calls.event("explain")
                            .detail("backend", name)
                            .detail("client_id", question.clientId())
                            .detail("outcome", explanation.outcome())
                            .detail(
                                    "reason",
                                    Optional.ofNullable(explanation.reason()).orElse("none"))
                            .success();
                    return answer(explanation);
                }));
    }

    private static Response answer(Object entity) {
        return Response.ok(entity)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }
}
