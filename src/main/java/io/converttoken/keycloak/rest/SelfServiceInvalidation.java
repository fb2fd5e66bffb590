// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.http.UnreadRequest;
import io.converttoken.keycloak.invalidation.Invalidation;
import io.converttoken.keycloak.invalidation.SessionChoice;
import io.converttoken.keycloak.metrics.Meters.By;
import io.converttoken.keycloak.metrics.Meters.Invalidated;
import io.converttoken.keycloak.metrics.NodeMeters;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.function.Consumer;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;

/** A person ends what they have in an application: all of it, all but the present session, or one session. */
final class SelfServiceInvalidation {

    private static final String CLIENT_ID = "client_id";
    private static final String SESSION_ID = "session_id";
    private static final String EXCEPT_CURRENT = "except_current";
    private static final int MAX_ID_LENGTH = 255;

    private final KeycloakSession session;

    SelfServiceInvalidation(KeycloakSession session) {
        this.session = session;
    }

    Response invalidateSessions(UnreadRequest request) {
        return answer(request, Invalidated.SESSIONS, Invalidation::invalidateSessions);
    }

    Response invalidateRefreshTokens(UnreadRequest request) {
        return answer(request, Invalidated.REFRESH_TOKENS, Invalidation::invalidateRefreshTokens);
    }

    private Response answer(UnreadRequest unread, Invalidated what, Consumer<Invalidation> action) {
        return new BearerCall(session, EventType.REVOKE_GRANT)
                .answer(unread, Response.Status.NO_CONTENT, (caller, request, event) -> {
                    action.accept(invalidation(caller, request, event));
                    NodeMeters.of(session).of(session.getContext().getRealm()).invalidation(what, By.SELF);
                });
    }

    private Invalidation invalidation(AuthResult caller, FormRequest request, EventBuilder event) {
        String clientId = Parameter.required(request, CLIENT_ID, MAX_ID_LENGTH);
        event.detail(Details.REVOKED_CLIENT, clientId);
        ClientModel client = new OwnClients(session, caller).named(clientId);
        SessionChoice choice = choice(caller, request, event);
        Invalidation invalidation = new Invalidation(session, caller.user(), Optional.of(client), choice);
        if (choice.isOfSingleSessions() && invalidation.count().isEmpty()) {
            throw new InvalidParameterException("Unknown session");
        }
        return invalidation;
    }

    /** @throws InvalidParameterException when they contradict each other */
    private static SessionChoice choice(AuthResult caller, FormRequest request, EventBuilder event) {
        boolean exceptCurrent = Parameter.flag(request, EXCEPT_CURRENT);
        Optional<String> sessionId = Parameter.optional(request, SESSION_ID, MAX_ID_LENGTH);
        if (exceptCurrent && sessionId.isPresent()) {
            throw new InvalidParameterException("Parameters exclude each other: session_id, except_current");
        }
        if (exceptCurrent) {
            return SessionChoice.allBut(currentSession(caller));
        }
        sessionId.ifPresent(event::session);
        return sessionId.map(SessionChoice::only).orElseGet(SessionChoice::all);
    }

    /** Refuses a token without a session, because the session that Keycloak makes for this request cannot be spared. */
    private static String currentSession(AuthResult caller) {
        return Optional.ofNullable(caller.token().getSessionId())
                .orElseThrow(() -> new InvalidParameterException("except_current needs a token of a session"));
    }
}
