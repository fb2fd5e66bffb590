// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.admin;

import io.converttoken.keycloak.http.FormEndpoint;
import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.NamedClients;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.invalidation.Invalidation;
import io.converttoken.keycloak.invalidation.Invalidation.Count;
import io.converttoken.keycloak.invalidation.SessionChoice;
import io.converttoken.keycloak.metrics.Meters.By;
import io.converttoken.keycloak.metrics.Meters.Invalidated;
import io.converttoken.keycloak.metrics.NodeMeters;
import io.converttoken.keycloak.reason.ReasonCode;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.keycloak.events.admin.ResourceType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.services.resources.admin.AdminEventBuilder;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/**
 * The endpoints under {@code /admin/realms/{realm}/auth}, with the permissions of {@code UserResource} (Keycloak
 * 26.7.3).
 */
public final class AuthAdminResource {

    /** The type of resource in events. It is not Keycloak's own, so that nobody takes an explanation for a change. */
    private static final String BACKEND = "CONVERT_TOKEN_BACKEND";

    private static final int MAX_NAME_LENGTH = 255;

    private final KeycloakSession session;
    private final RealmModel realm;
    private final AdminPermissionEvaluator permissions;
    private final AdminCalls calls;
    private final BackendCalls backends;

    AuthAdminResource(
            KeycloakSession session, RealmModel realm, AdminPermissionEvaluator permissions, AdminEventBuilder event) {
        this.session = session;
        this.realm = realm;
        this.permissions = permissions;
        this.calls = new AdminCalls(session, event.clone(session).resource(ResourceType.USER_SESSION));
        AdminEventBuilder ofBackends = event.clone(session).resource(BACKEND);
        this.backends = new BackendCalls(session, permissions, new AdminCalls(session, ofBackends));
    }

    /** Ends a user's sessions in an application, or in all applications. */
    @Path("users/{id}/invalidate-sessions")
    public FormEndpoint invalidateSessions(@PathParam("id") String id) {
        return endpoint(id, "invalidate-sessions", Invalidated.SESSIONS, Invalidation::invalidateSessions);
    }

    /** Ends a user's refresh tokens in an application, or in all applications, and nothing else. */
    @Path("users/{id}/invalidate-refresh-tokens")
    public FormEndpoint invalidateRefreshTokens(@PathParam("id") String id) {
        return endpoint(id, "invalidate-refresh-tokens", Invalidated.REFRESH_TOKENS, invalidation -> {
            Count count = invalidation.count();
            invalidation.invalidateRefreshTokens();
            return count;
        });
    }

    /** Explains conversions and the state of backends. */
    @Path("backends")
    public BackendCalls backends() {
        return backends;
    }

    private FormEndpoint endpoint(
            String userId, String operation, Invalidated what, Function<Invalidation, Count> action) {
        return new FormEndpoint(
                session,
                request -> calls.carryOut(operation, () -> {
                    UserModel user = user(userId);
                    permissions.users().requireManage(user);
                    Response answer = answer(request.read(), user, operation, action);
                    NodeMeters.of(session).of(realm).invalidation(what, By.ADMIN);
                    return answer;
                }));
    }

    /** An administrator who may not look users up does not learn whether there is such a user. */
    private UserModel user(String id) {
        // PostgreSQL does not accept U+0000
        UserModel user = id.indexOf('\0') < 0 ? session.users().getUserById(realm, id) : null;
        // some databases treat different ids as equal
        if (user == null || !user.getId().equals(id)) {
            throw permissions.users().canQuery() ? new NotFoundException("User not found") : new ForbiddenException();
        }
        return user;
    }

    private Response answer(
            FormRequest request, UserModel user, String operation, Function<Invalidation, Count> action) {
        Optional<String> clientId = Parameter.optional(request, "client_id", MAX_NAME_LENGTH);
        Optional<ClientModel> client = clientId.map(id -> NamedClients.find(session, realm, id)
                .orElseThrow(() -> new InvalidParameterException(ReasonCode.CLIENT_UNKNOWN, "Unknown client")));
        Count count = action.apply(new Invalidation(session, user, client, SessionChoice.all()));
        Map<String, Integer> counts = Map.of("sessions", count.sessions(), "offline_sessions", count.offlineSessions());
        AdminEventBuilder event = calls.event(operation).representation(counts);
        clientId.ifPresent(id -> event.detail("client_id", id));
        event.success();
        return Response.ok(counts).type(MediaType.APPLICATION_JSON_TYPE).build();
    }
}
