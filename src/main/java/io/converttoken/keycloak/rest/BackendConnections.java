package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.brokering.ConnectedIdentities;
import io.converttoken.keycloak.brokering.ConnectedIdentities.Connection;
import io.converttoken.keycloak.brokering.ConnectionRefusedException;
import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.OAuthError;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.metrics.Labels;
import io.converttoken.keycloak.metrics.Meters;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.AccountRoles;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.cors.Cors;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;

/**
 * Self-service for the identities of an account, by the rights that the account console asks for: {@code manage-account}
 * or {@code manage-account-links}. Connecting needs a recent sign-in as well, because it opens a way into the account.
 */
final class BackendConnections {

    private static final int MAX_NAME_LENGTH = 255;
    private static final String PROVIDER_UNAVAILABLE = "identity_provider_unavailable";
    private static final String TOO_MANY_FAILURES = "too_many_failures";

    private final KeycloakSession session;

    BackendConnections(KeycloakSession session) {
        this.session = session;
    }

    Response connect(FormRequest request) {
        return answering(EventType.FEDERATED_IDENTITY_LINK, (caller, event) -> {
            new RecentSignIn(session).require(caller);
            Connection connection = new Connection(
                    Parameter.required(request, "backend", MAX_NAME_LENGTH),
                    Parameter.required(request, "token", ConnectedIdentities.MAX_TOKEN_LENGTH),
                    Parameter.optional(request, "token_type", MAX_NAME_LENGTH),
                    Parameter.optional(request, "nonce", ConnectedIdentities.MAX_NONCE_LENGTH));
            connect(caller, event, connection);
        });
    }

    private void connect(AuthResult caller, EventBuilder event, Connection connection) {
        try {
            new ConnectedIdentities(session, event).connect(caller.user(), caller.client(), connection);
            Meters.connection(Labels.of(event), "success");
        } catch (ConnectionRefusedException e) {
            Meters.connection(Labels.of(event), e.fault().name().toLowerCase(Locale.ROOT));
            throw e;
        }
    }

    Response disconnect(FormRequest request) {
        return answering(EventType.REMOVE_FEDERATED_IDENTITY, (caller, event) -> {
            String backend = Parameter.required(request, "backend", MAX_NAME_LENGTH);
            Optional<String> associationId = Parameter.optional(request, "association_id", MAX_NAME_LENGTH);
            new ConnectedIdentities(session, event).disconnect(caller.user(), backend, associationId);
        });
    }

    private Response answering(EventType type, BiConsumer<AuthResult, EventBuilder> action) {
        Bearer bearer = new Bearer(session);
        if (bearer.isInsecure()) {
            return Bearer.insecure();
        }
        EventBuilder event = new EventBuilder(
                        session.getContext().getRealm(),
                        session,
                        session.getContext().getConnection())
                .event(type);
        Optional<AuthResult> present = bearer.caller();
        if (present.isEmpty()) {
            event.error(Errors.INVALID_TOKEN);
            return Bearer.invalid();
        }
        AuthResult caller = present.get();
        event.client(caller.client())
                .user(caller.user())
                .detail(Details.USERNAME, caller.user().getUsername());
        if (!new AccountRights(session)
                .include(caller, AccountRoles.MANAGE_ACCOUNT, AccountRoles.MANAGE_ACCOUNT_LINKS)) {
            event.error(Errors.NOT_ALLOWED);
            return Bearer.insufficient();
        }
        return answering(caller, event, action);
    }

    private Response answering(AuthResult caller, EventBuilder event, BiConsumer<AuthResult, EventBuilder> action) {
        try {
            action.accept(caller, event);
        } catch (InvalidParameterException e) {
            event.detail(Details.REASON, e.description()).error(Errors.INVALID_REQUEST);
            return OAuthError.of(OAuthErrorException.INVALID_REQUEST, e.description())
                    .answer(Response.Status.BAD_REQUEST, Map.of());
        } catch (OutdatedSignInException e) {
            event.detail(Details.REASON, e.getMessage()).error(Errors.NOT_ALLOWED);
            return Bearer.outdated(e.maxAge());
        } catch (ConnectionRefusedException e) {
            return refused(event, e);
        }
        event.success();
        return Cors.builder()
                .auth()
                .checkAllowedOrigins(session, caller.client())
                .allowedMethods("POST")
                .add(Response.noContent());
    }

    private static Response refused(EventBuilder event, ConnectionRefusedException refusal) {
        event.detail(Details.REASON, refusal.getMessage());
        return switch (refusal.fault()) {
            case REQUEST -> refused(event, Errors.INVALID_REQUEST, OAuthErrorException.INVALID_REQUEST, refusal);
            case CLIENT -> refused(event, Errors.NOT_ALLOWED, OAuthErrorException.UNAUTHORIZED_CLIENT, refusal);
            case TOKEN -> refused(event, Errors.INVALID_TOKEN, OAuthErrorException.INVALID_GRANT, refusal);
            case PROVIDER -> later(event, PROVIDER_UNAVAILABLE, Response.Status.SERVICE_UNAVAILABLE, refusal);
            case TOO_MANY -> later(event, TOO_MANY_FAILURES, Response.Status.TOO_MANY_REQUESTS, refusal);
        };
    }

    private static Response later(
            EventBuilder event, String eventError, Response.Status status, ConnectionRefusedException refusal) {
        event.error(eventError);
        return OAuthError.of(OAuthErrorException.TEMPORARILY_UNAVAILABLE, refusal.description())
                .answer(status, Map.of(HttpHeaders.RETRY_AFTER, Long.toString(refusal.retryAfter())));
    }

    private static Response refused(
            EventBuilder event, String eventError, String error, ConnectionRefusedException refusal) {
        event.error(eventError);
        return OAuthError.of(error, refusal.description()).answer(Response.Status.BAD_REQUEST, Map.of());
    }
}
