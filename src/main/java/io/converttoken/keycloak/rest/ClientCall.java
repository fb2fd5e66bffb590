// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.UnreadRequest;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.refusal.CallRefusedException;
import io.converttoken.keycloak.refusal.RefusalTable;
import io.converttoken.keycloak.refusal.RefusedCall;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.CorsErrorResponseException;

/**
 * A call of a client that authenticates as everywhere in Keycloak. Keycloak's own endpoint decides about the call. If
 * the call is refused before that endpoint, or by that endpoint without an event, it leaves an event too. Until the
 * client is known, no origin may read the reason.
 */
final class ClientCall {

    private final KeycloakSession session;
    private final ToldEvents event;

    /** @param type the type of the event, unless the endpoint sets another one */
    ClientCall(KeycloakSession session, EventType type) {
        this.session = session;
        this.event = new ToldEvents(session);
        event.event(type);
    }

    /** Hands the request on unchanged. */
    Response answer(UnreadRequest unread, Function<EventBuilder, Response> endpoint) {
        return answer(unread, UnaryOperator.identity(), endpoint);
    }

    /** Hands the request on after the preparation has changed it. */
    Response answer(
            UnreadRequest unread, UnaryOperator<FormRequest> preparation, Function<EventBuilder, Response> endpoint) {
        try {
            session.getContext().setHttpRequest(preparation.apply(unread.read()));
        } catch (RuntimeException e) {
            return refused(RefusalTable.of(e).orElseThrow(() -> e));
        }
        return answer(endpoint);
    }

    private Response answer(Function<EventBuilder, Response> endpoint) {
        try {
            return endpoint.apply(event);
        } catch (WebApplicationException e) {
            session.getTransactionManager().setRollbackOnly();
            if (isForeignOrigin(e)) {
                return refused(CallRefusedException.ofForeignOrigin().refusal());
            }
            tellUnlessTold(e);
            throw e;
        }
    }

    /** {@code DefaultCors.checkOrigin} refuses a foreign origin in this way (Keycloak 26.7.3). */
    private static boolean isForeignOrigin(WebApplicationException e) {
        return e instanceof ForbiddenException && "Invalid origin".equals(e.getMessage());
    }

    private void tellUnlessTold(WebApplicationException e) {
        if (!event.isErrorTold()) {
            String reason =
                    e instanceof CorsErrorResponseException error ? error.getErrorDescription() : e.getMessage();
            Reason why = Reason.of(ReasonCode.REFUSED_BY_KEYCLOAK, String.valueOf(reason));
            event.detail(Details.REASON, why.code().code())
                    .detail(RefusedCall.REASON_TEXT, why.text())
                    .error(Errors.INVALID_REQUEST);
        }
    }

    private Response refused(RefusedCall refusal) {
        refusal.tell(event);
        return refusal.answer();
    }
}
