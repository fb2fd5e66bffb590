package io.converttoken.keycloak.admin;

import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.http.FormEndpoint;
import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.NamedClients;
import io.converttoken.keycloak.http.OAuthError;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.invalidation.Invalidation;
import io.converttoken.keycloak.invalidation.Invalidation.Count;
import io.converttoken.keycloak.invalidation.OverruledException;
import io.converttoken.keycloak.metrics.Meters;
import io.converttoken.keycloak.metrics.Meters.By;
import io.converttoken.keycloak.metrics.Meters.Invalidated;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.admin.OperationType;
import org.keycloak.events.admin.ResourceType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.services.resources.admin.AdminEventBuilder;
import org.keycloak.services.resources.admin.fgap.AdminPermissionEvaluator;

/** {@code /admin/realms/{realm}/auth}, under the permissions of {@code UserResource} (Keycloak 26.7.3). */
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

    /** Ends a user's sessions in an application, or in all. */
    @Path("users/{id}/invalidate-sessions")
    public FormEndpoint invalidateSessions(@PathParam("id") String id) {
        return endpoint(id, "invalidate-sessions", Invalidated.SESSIONS, Invalidation::invalidateSessions);
    }

    /** Ends a user's refresh tokens in an application, or in all, and nothing else. */
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
        return new FormEndpoint(session, request -> {
            UserModel user = user(userId);
            permissions.users().requireManage(user);
            try {
                Response answer = answer(request, user, operation, action);
                Meters.invalidation(realm.getName(), what, By.ADMIN);
                return answer;
            } catch (InvalidParameterException e) {
                return OAuthError.of(OAuthErrorException.INVALID_REQUEST, e.description())
                        .answer(Response.Status.BAD_REQUEST, Map.of());
            } catch (OverruledException e) {
                return overruled(operation, e);
            } catch (BusyException e) {
                return OAuthError.of(OAuthErrorException.TEMPORARILY_UNAVAILABLE, "Others are at the same, try again")
                        .answer(Response.Status.SERVICE_UNAVAILABLE, Map.of(HttpHeaders.RETRY_AFTER, "1"));
            }
        });
    }

    /** Who may not look users up does not hear whether there is one. */
    private UserModel user(String id) {
        // PostgreSQL does not take U+0000
        UserModel user = id.indexOf('\0') < 0 ? session.users().getUserById(realm, id) : null;
        // some databases take ids for equal that are not
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
        Count count = action.apply(new Invalidation(session, user, client, Optional.empty()));
        Map<String, Integer> counts = Map.of("sessions", count.sessions(), "offline_sessions", count.offlineSessions());
        clientId.ifPresent(id -> event.detail("client_id", id));
        event(operation).representation(counts).success();
        return Response.ok(counts).type(MediaType.APPLICATION_JSON_TYPE).build();
    }

    private Response overruled(String operation, OverruledException refusal) {
        AdminEventBuilder failed = event(operation).detail("reason", refusal.getMessage());
        failed.getEvent().setError(OAuthErrorException.SERVER_ERROR);
        failed.success();
        return OAuthError.of(OAuthErrorException.SERVER_ERROR, OverruledException.DESCRIPTION)
                .answer(Response.Status.INTERNAL_SERVER_ERROR, Map.of());
    }

    private AdminEventBuilder event(String operation) {
        return event.operation(OperationType.ACTION)
                .resourcePath(session.getContext().getUri())
                .detail("operation", operation);
    }
}
