// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.UnreadRequest;
import io.converttoken.keycloak.refusal.CallRefusedException;
import io.converttoken.keycloak.refusal.RefusalTable;
import io.converttoken.keycloak.refusal.RefusedCall;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.cors.Cors;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;

/**
 * Admits every call with an access token (RFC 6750). The size, the security, the caller and the origin of the call are
 * checked before its parameters are read and before anything is done. Every refusal leaves an event. Only an origin
 * that could have read the success may read the refusal.
 */
final class BearerCall {

    private final KeycloakSession session;
    private final RealmModel realm;
    private final EventBuilder event;
    private final Cors origins;

    /** @param type the type of the event that the call leaves */
    BearerCall(KeycloakSession session, EventType type) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.event = new EventBuilder(realm, session, session.getContext().getConnection()).event(type);
        this.origins = Cors.builder()
                .auth()
                .allowedMethods(session.getContext().getHttpRequest().getHttpMethod())
                .exposedHeaders(HttpHeaders.WWW_AUTHENTICATE, HttpHeaders.RETRY_AFTER);
    }

    /** The action of a call. */
    @FunctionalInterface
    interface Action {

        /**
         * Checks the rest, then acts.
         *
         * @param event the event, to which the action adds details but which it does not send
         * @throws CallRefusedException or another exception of {@link RefusalTable}, before anything is done
         */
        void run(AuthResult caller, FormRequest request, EventBuilder event);
    }

    /** What a call reads. */
    @FunctionalInterface
    interface Reading {

        /**
         * Checks the rest, then reads.
         *
         * @return the answer, which becomes JSON
         * @throws CallRefusedException or another exception of {@link RefusalTable}
         */
        Object run(AuthResult caller, FormRequest request, EventBuilder event);
    }

    /** Answers without a body if the action comes to its end. */
    Response answer(UnreadRequest request, Response.Status success, Action action) {
        return carryOut(request, caller -> {
            action.run(caller, request.read(), event);
            return Response.status(success);
        });
    }

    /** Answers with what the call has read. */
    Response show(UnreadRequest request, Reading reading) {
        return carryOut(
                request,
                caller ->
                        Response.ok(reading.run(caller, request.read(), event)).type(MediaType.APPLICATION_JSON_TYPE));
    }

    private AuthResult admitted() {
        Bearer bearer = new Bearer(session);
        if (bearer.isInsecure()) {
            throw CallRefusedException.insecure();
        }
        if (!realm.isEnabled()) {
            throw CallRefusedException.ofDisabledRealm();
        }
        if (bearer.text().isEmpty()) {
            throw CallRefusedException.missingToken();
        }
        AuthResult caller = bearer.caller().orElseThrow(() -> invalidToken(bearer));
        event.client(caller.client())
                .user(caller.user())
                .detail(Details.USERNAME, caller.user().getUsername());
        if (!isOfOriginOf(caller.client())) {
            throw CallRefusedException.ofForeignOrigin();
        }
        return caller;
    }

    /** Lets the pages of the named client read the refusal, because they must learn that the token has expired. */
    private CallRefusedException invalidToken(Bearer bearer) {
        bearer.namedClient().ifPresent(this::isOfOriginOf);
        return CallRefusedException.invalidToken();
    }

    /**
     * Returns whether the call comes from an origin of the client. From now on the client's origins may read any
     * answer.
     */
    private boolean isOfOriginOf(ClientModel client) {
        try {
            origins.checkAllowedOrigins(session, client);
            return true;
        } catch (ForbiddenException e) {
            return false;
        }
    }

    private Response carryOut(UnreadRequest request, Function<AuthResult, Response.ResponseBuilder> call) {
        try {
            request.requireReadable();
            Response.ResponseBuilder answer = call.apply(admitted());
            event.success();
            return origins.add(answer);
        } catch (RuntimeException e) {
            return refused(RefusalTable.of(e).orElseThrow(() -> e));
        }
    }

    /** Rolls back what the request has written. The event is stored in a transaction of its own. */
    private Response refused(RefusedCall refusal) {
        session.getTransactionManager().setRollbackOnly();
        refusal.tell(event);
        return refusal.answer(origins);
    }
}
