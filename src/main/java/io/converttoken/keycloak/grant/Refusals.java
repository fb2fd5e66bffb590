// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.ClientNotAllowedException;
import io.converttoken.keycloak.brokering.UserRefusedException;
import io.converttoken.keycloak.metrics.Meters;
import io.converttoken.keycloak.metrics.NodeMeters;
import io.converttoken.keycloak.refusal.RefusalTable;
import io.converttoken.keycloak.refusal.RefusedCall;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.function.Supplier;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.http.HttpResponse;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.cors.Cors;

/** Ends every conversion: counts it and, if it is refused, rolls it back, sends its event and answers the caller. */
final class Refusals {

    private static final String SUCCESS = "success";
    private static final String REFUSED_BY_KEYCLOAK = "other";
    private static final String NO_REASON = "none";

    private final KeycloakSession session;
    private final EventBuilder event;
    private final Cors cors;
    private final HttpResponse response;
    private Optional<Meters> ofBackend = Optional.empty();
    private String outcome = REFUSED_BY_KEYCLOAK;
    private String reason = NO_REASON;

    Refusals(KeycloakSession session, EventBuilder event, Cors cors, HttpResponse response) {
        this.session = session;
        this.event = event;
        this.cors = cors;
        this.response = response;
    }

    /** Runs the conversion and turns an exception that refuses it into the answer. A refused one is rolled back. */
    Response carryOut(Supplier<Response> conversion) {
        try {
            Response answer = conversion.get();
            outcome = SUCCESS;
            return answer;
        } catch (RuntimeException e) {
            // Keycloak's token endpoint would commit what was done so far
            session.getTransactionManager().setRollbackOnly();
            noteWhomItConcerns(e);
            throw RefusalTable.of(e).map(this::refused).orElseThrow(() -> e);
        } finally {
            ofBackend
                    .orElseGet(
                            () -> NodeMeters.of(session).of(session.getContext().getRealm()))
                    .conversion(outcome, reason);
        }
    }

    /** Names the backend in the event and counts the conversion for it, even if the conversion has already failed. */
    void concern(Backend backend) {
        event.detail(Details.IDENTITY_PROVIDER, backend.alias());
        ofBackend = Optional.of(backend.meters(session));
    }

    private void noteWhomItConcerns(RuntimeException refusal) {
        if (refusal instanceof ClientNotAllowedException notAllowed) {
            concern(notAllowed.backend());
        }
        if (refusal instanceof UserRefusedException refused) {
            refused.userId().ifPresent(event::user);
        }
    }

    private RuntimeException refused(RefusedCall refusal) {
        refusal.tell(event);
        outcome = refusal.outcome();
        reason = refusal.reason().code().code();
        refusal.headers().forEach(response::setHeader);
        if (refusal.headers().containsKey(HttpHeaders.RETRY_AFTER)) {
            cors.exposedHeaders(HttpHeaders.RETRY_AFTER);
        }
        return new RefusedConversionException(cors, refusal);
    }
}
