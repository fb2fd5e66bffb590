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
import org.keycloak.services.CorsErrorResponseException;
import org.keycloak.services.cors.Cors;

/** Where every conversion ends: counted, and, when it is refused, rolled back, told in its event, and answered. */
final class Refusals {

    private static final String SUCCESS = "success";
    private static final String REFUSED_BY_KEYCLOAK = "other";

    private final KeycloakSession session;
    private final EventBuilder event;
    private final Cors cors;
    private final HttpResponse response;
    private Optional<Meters> ofBackend = Optional.empty();
    private String outcome = REFUSED_BY_KEYCLOAK;

    Refusals(KeycloakSession session, EventBuilder event, Cors cors, HttpResponse response) {
        this.session = session;
        this.event = event;
        this.cors = cors;
        this.response = response;
    }

    /** Runs the conversion and turns what refuses it into its answer. What is refused leaves nothing. */
    Response carryOut(Supplier<Response> conversion) {
        try {
            Response answer = conversion.get();
            outcome = SUCCESS;
            return answer;
        } catch (RuntimeException e) {
            // Keycloak's token endpoint would commit what was done until then
            session.getTransactionManager().setRollbackOnly();
            noteWhomItConcerns(e);
            throw RefusalTable.of(e).map(this::refused).orElseThrow(() -> e);
        } finally {
            ofBackend
                    .orElseGet(
                            () -> NodeMeters.of(session).of(session.getContext().getRealm()))
                    .conversion(outcome);
        }
    }

    /** The conversion is one of this backend's: its event tells so, and its meters count it, even if it ends before the call. */
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
        refusal.headers().forEach(response::setHeader);
        if (refusal.headers().containsKey(HttpHeaders.RETRY_AFTER)) {
            cors.exposedHeaders(HttpHeaders.RETRY_AFTER);
        }
        return new CorsErrorResponseException(
                cors, refusal.error().error(), refusal.error().description(), refusal.status());
    }
}
