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
import io.converttoken.keycloak.refusal.RefusalTable;
import io.converttoken.keycloak.refusal.RefusedCall;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.keycloak.events.Errors;
import org.keycloak.events.admin.OperationType;
import org.keycloak.events.admin.ResourceType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.services.resources.admin.AdminEventBuilder;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/**
 * The endpoints under {@code /admin/realms/{realm}/auth}, with the permissions of {@code UserResource} (Keycloak
 * 26.7.3).
 */
public final class AuthAdminResource {

    private static final int MAX_NAME_LENGTH = 255;

    private final KeycloakSession session;
    private final RealmModel realm;
    private final AdminPermissionEvaluator permissions;
    private final AdminEventBuilder event;

    AuthAdminResource(
            KeycloakSession session, RealmModel realm, AdminPermissionEvaluator permissions, AdminEventBuilder event) {
        this.session = session;
        this.realm = realm;
        this.permissions = permissions;
        this.event = event.resource(ResourceType.USER_SESSION);
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

    private FormEndpoint endpoint(
            String userId, String operation, Invalidated what, Function<Invalidation, Count> action) {
        return new FormEndpoint(
                session,
                request -> new Call(operation).carryOut(() -> {
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
                .orElseThrow(() -> new InvalidParameterException("Unknown client")));
        Count count = action.apply(new Invalidation(session, user, client, SessionChoice.all()));
        Map<String, Integer> counts = Map.of("sessions", count.sessions(), "offline_sessions", count.offlineSessions());
        clientId.ifPresent(id -> event.detail("client_id", id));
        event(event, operation).representation(counts).success();
        return Response.ok(counts).type(MediaType.APPLICATION_JSON_TYPE).build();
    }

    /** Turns an exception that refuses a call into the answer and the event. */
    private final class Call {

        private final String operation;

        Call(String operation) {
            this.operation = operation;
        }

        Response carryOut(Supplier<Response> call) {
            try {
                return call.get();
            } catch (ForbiddenException e) {
                tell(Errors.NOT_ALLOWED, "administrator may not manage this user");
                throw e;
            } catch (NotFoundException e) {
                tell(Errors.USER_NOT_FOUND, "unknown user");
                throw e;
            } catch (RuntimeException e) {
                RefusedCall refusal = RefusalTable.of(e).orElseThrow(() -> e);
                tell(refusal.eventError(), refusal.reason());
                return refusal.error().answer(refusal.status(), refusal.headers());
            }
        }

        /**
         * Sends the event in a transaction of its own, because the request's transaction is rolled back if Keycloak
         * answers.
         */
        private void tell(String error, String reason) {
            KeycloakModelUtils.runJobInTransaction(session.getKeycloakSessionFactory(), session.getContext(), own -> {
                AdminEventBuilder refused = event(event.clone(own), operation).detail("reason", reason);
                refused.getEvent().setError(error);
                refused.success();
            });
        }
    }

    private AdminEventBuilder event(AdminEventBuilder target, String operation) {
        return target.operation(OperationType.ACTION)
                .resourcePath(session.getContext().getUri())
                .detail("operation", operation);
    }
}
