// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.UnreadRequest;
import io.converttoken.keycloak.refusal.CallRefusedException;
import io.converttoken.keycloak.refusal.RefusalTable;
import io.converttoken.keycloak.refusal.RefusedCall;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.function.Supplier;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.cors.Cors;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;

/**
 * The one way in for whoever shows an access token (RFC 6750): how large the call is, whether it is secure, whose it is, and
 * from which origin is known before its parameters are read, and all of it before anything is done. Whatever refuses leaves its event,
 * and is told to no origin that could not have read the success.
 */
final class BearerCall {

    private final KeycloakSession session;
    private final RealmModel realm;
    private final EventBuilder event;
    private final Cors origins;

    /** @param type of the event that the call leaves */
    BearerCall(KeycloakSession session, EventType type) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.event = new EventBuilder(realm, session, session.getContext().getConnection()).event(type);
        this.origins = Cors.builder()
                .auth()
                .allowedMethods("POST")
                .exposedHeaders(HttpHeaders.WWW_AUTHENTICATE, HttpHeaders.RETRY_AFTER);
    }

    /** What is done for a caller. */
    @FunctionalInterface
    interface Action {

        /**
         * Checks the rest, then acts.
         *
         * @param event gets its details; it is sent by others
         * @throws CallRefusedException before anything is done, as everything that {@link RefusalTable} knows
         */
        void run(AuthResult caller, FormRequest request, EventBuilder event);
    }

    /** Answers without a body where the action comes to its end. */
    Response answer(UnreadRequest request, Response.Status success, Action action) {
        return carryOut(() -> {
            request.requireReadable();
            AuthResult caller = admitted();
            action.run(caller, request.read(), event);
            event.success();
            return origins.add(Response.status(success));
        });
    }

    private AuthResult admitted() {
        Bearer bearer = new Bearer(session);
        if (bearer.isInsecure()) {
            throw CallRefusedException.insecure();
        }
        if (!realm.isEnabled()) {
            throw CallRefusedException.ofDisabledRealm();
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

    /** A page must hear that its token has expired. */
    private CallRefusedException invalidToken(Bearer bearer) {
        bearer.namedClient().ifPresent(this::isOfOriginOf);
        return CallRefusedException.invalidToken();
    }

    /** From now on the client's origins may read the answer, whatever it is. */
    private boolean isOfOriginOf(ClientModel client) {
        try {
            origins.checkAllowedOrigins(session, client);
            return true;
        } catch (ForbiddenException e) {
            return false;
        }
    }

    private Response carryOut(Supplier<Response> call) {
        try {
            return call.get();
        } catch (RuntimeException e) {
            return refused(RefusalTable.of(e).orElseThrow(() -> e));
        }
    }

    /** Nothing that the request has written stays; its event is stored apart from it. */
    private Response refused(RefusedCall refusal) {
        session.getTransactionManager().setRollbackOnly();
        refusal.tell(event);
        return refusal.error().answer(refusal.status(), refusal.headers(), origins);
    }
}
