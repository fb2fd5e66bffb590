// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.refusal;

import io.converttoken.keycloak.http.OAuthError;
import io.converttoken.keycloak.http.SpokenCode;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.RefusedException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.util.Map;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.services.cors.Cors;

/**
 * The outcome of a refused call: the precise reason for the event, the RFC's code and a fixed text for the caller. The
 * caller also gets a reference, which is in the event and says nothing by itself.
 *
 * @param eventError the error of the event: one of {@link Errors}, or a code of ours
 * @param reason the reason for the event
 * @param details further details of the event
 * @param status the status of the answer
 * @param error the error of the answer
 * @param headers the headers of the answer, besides those that every answer has
 */
public record RefusedCall(
        String eventError,
        Reason reason,
        Map<String, String> details,
        Status status,
        OAuthError error,
        Map<String, String> headers) {

    /** The details of events that say why a call was refused. */
    public static final String REASON_TEXT = "reason_text";

    private static final String REFERENCE = "error_reference";

    private static final int REFERENCE_LENGTH = 8;

    public RefusedCall {
        details = Map.copyOf(details);
        headers = Map.copyOf(headers);
        error = error.reference().isPresent() ? error : error.withReference(SpokenCode.drawn(REFERENCE_LENGTH));
    }

    static RefusedCall of(String eventError, Reason reason, Status status, String error, String description) {
        return of(eventError, reason, status, OAuthError.of(error, description), Map.of());
    }

    static RefusedCall of(
            String eventError, Reason reason, Status status, OAuthError error, Map<String, String> headers) {
        return new RefusedCall(eventError, reason, Map.of(), status, error, headers);
    }

    static RefusedCall badRequest(String eventError, RefusedException cause, String error, String description) {
        return of(eventError, cause.reason(), Status.BAD_REQUEST, error, description);
    }

    /**
     * The call may succeed later.
     *
     * @param retryAfter the seconds after which another attempt makes sense
     */
    static RefusedCall later(
            String eventError, RefusedException cause, Status status, String description, long retryAfter) {
        return of(
                eventError,
                cause.reason(),
                status,
                OAuthError.of(OAuthErrorException.TEMPORARILY_UNAVAILABLE, description),
                Map.of(HttpHeaders.RETRY_AFTER, Long.toString(retryAfter)));
    }

    /**
     * The outcome in the metrics. It is the same for all refusals of client policies, because these may have any error.
     */
    public String outcome() {
        return details.containsKey(Details.CLIENT_POLICY_ERROR) ? Details.CLIENT_POLICY_ERROR : eventError;
    }

    /** Sends the event. */
    public void tell(EventBuilder event) {
        details.forEach(event::detail);
        event.detail(Details.REASON, reason.code().code())
                .detail(REASON_TEXT, reason.text())
                .detail(REFERENCE, error.reference().orElseThrow())
                .error(eventError);
    }

    /** Returns the answer without a header about origins. */
    public Response answer() {
        return error.answer(status, headers);
    }

    /** Returns the answer, which pages of the given origins may read. */
    public Response answer(Cors origins) {
        return error.answer(status, headers, origins);
    }
}
