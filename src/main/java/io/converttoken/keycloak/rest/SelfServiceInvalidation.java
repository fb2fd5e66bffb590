package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.NamedClients;
import io.converttoken.keycloak.http.OAuthError;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.invalidation.Invalidation;
import io.converttoken.keycloak.invalidation.OverruledException;
import io.converttoken.keycloak.metrics.Meters;
import io.converttoken.keycloak.metrics.Meters.By;
import io.converttoken.keycloak.metrics.Meters.Invalidated;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.AccountRoles;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.cors.Cors;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;

/**
 * A person ends what they have in an application. A token may always act on its own client; for another one it needs {@code
 * manage-account}, the right that the account console asks for.
 */
final class SelfServiceInvalidation {

    private static final int MAX_NAME_LENGTH = 255;

    private final KeycloakSession session;

    SelfServiceInvalidation(KeycloakSession session) {
        this.session = session;
    }

    Response invalidateSessions(FormRequest request) {
        return answering(request, Invalidated.SESSIONS, Invalidation::invalidateSessions);
    }

    Response invalidateRefreshTokens(FormRequest request) {
        return answering(request, Invalidated.REFRESH_TOKENS, Invalidation::invalidateRefreshTokens);
    }

    private Response answering(FormRequest request, Invalidated what, Consumer<Invalidation> action) {
        Bearer bearer = new Bearer(session);
        if (bearer.isInsecure()) {
            return Bearer.insecure();
        }
        EventBuilder event = new EventBuilder(
                        session.getContext().getRealm(),
                        session,
                        session.getContext().getConnection())
                .event(EventType.REVOKE_GRANT);
        Optional<AuthResult> caller = bearer.caller();
        if (caller.isEmpty()) {
            event.error(Errors.INVALID_TOKEN);
            return Bearer.invalid();
        }
        event.client(caller.get().client()).user(caller.get().user());
        try {
            return answering(request, caller.get(), event, what, action);
        } catch (InvalidParameterException e) {
            return invalid(event, e.description());
        } catch (OverruledException e) {
            event.detail(Details.REASON, e.getMessage()).error(OAuthErrorException.SERVER_ERROR);
            return OAuthError.of(OAuthErrorException.SERVER_ERROR, OverruledException.DESCRIPTION)
                    .answer(Response.Status.INTERNAL_SERVER_ERROR, Map.of());
        } catch (BusyException e) {
            event.detail(Details.REASON, e.getMessage()).error(Errors.INVALID_REQUEST);
            return OAuthError.of(OAuthErrorException.TEMPORARILY_UNAVAILABLE, "Others are at the same, try again")
                    .answer(Response.Status.SERVICE_UNAVAILABLE, Map.of(HttpHeaders.RETRY_AFTER, "1"));
        }
    }

    private Response answering(
            FormRequest request,
            AuthResult caller,
            EventBuilder event,
            Invalidated what,
            Consumer<Invalidation> action) {
        String clientId = Parameter.required(request, "client_id", MAX_NAME_LENGTH);
        boolean exceptCurrent = Parameter.flag(request, "except_current");
        event.detail(Details.REVOKED_CLIENT, clientId);
        boolean isOwn = clientId.equals(caller.client().getClientId());
        if (!isOwn && !new AccountRights(session).include(caller, AccountRoles.MANAGE_ACCOUNT)) {
            event.error(Errors.NOT_ALLOWED);
            return Bearer.insufficient();
        }
        Optional<ClientModel> client =
                NamedClients.find(session, session.getContext().getRealm(), clientId);
        if (client.isEmpty()) {
            return invalid(event, "Unknown client");
        }
        Optional<String> spared = exceptCurrent ? Optional.of(currentSession(caller)) : Optional.empty();
        action.accept(new Invalidation(session, caller.user(), client, spared));
        Meters.invalidation(session.getContext().getRealm().getName(), what, By.SELF);
        event.success();
        return Cors.builder()
                .auth()
                .checkAllowedOrigins(session, caller.client())
                .allowedMethods("POST")
                .add(Response.noContent());
    }

    /** A token without a session has one for this request only, which nobody could spare. */
    private static String currentSession(AuthResult caller) {
        return Optional.ofNullable(caller.token().getSessionId())
                .orElseThrow(() -> new InvalidParameterException("except_current needs a token of a session"));
    }

    private static Response invalid(EventBuilder event, String description) {
        event.detail(Details.REASON, description).error(Errors.INVALID_REQUEST);
        return OAuthError.of(OAuthErrorException.INVALID_REQUEST, description)
                .answer(Response.Status.BAD_REQUEST, Map.of());
    }
}
