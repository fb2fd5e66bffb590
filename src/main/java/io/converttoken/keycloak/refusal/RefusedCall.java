// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.refusal;

import io.converttoken.keycloak.http.OAuthError;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response.Status;
import java.util.Map;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;

/**
 * The outcome of a refused call: the precise reason for the event, the RFC's code and a fixed text for the caller.
 *
 * @param eventError the error of the event: one of {@link Errors}, or a code of ours
 * @param details the details of the event, which include the reason
 * @param status the status of the answer
 * @param error the error of the answer
 * @param headers the headers of the answer, besides those that every answer has
 */
public record RefusedCall(
        String eventError, Map<String, String> details, Status status, OAuthError error, Map<String, String> headers) {

    public RefusedCall {
        details = Map.copyOf(details);
        headers = Map.copyOf(headers);
    }

    static RefusedCall of(String eventError, String reason, Status status, String error, String description) {
        return of(eventError, reason, status, OAuthError.of(error, description), Map.of());
    }

    static RefusedCall of(
            String eventError, String reason, Status status, OAuthError error, Map<String, String> headers) {
        return new RefusedCall(eventError, Map.of(Details.REASON, reason), status, error, headers);
    }

    static RefusedCall badRequest(String eventError, Exception cause, String error, String description) {
        return of(eventError, String.valueOf(cause.getMessage()), Status.BAD_REQUEST, error, description);
    }

    /**
     * The call may succeed later.
     *
     * @param retryAfter the seconds after which another attempt makes sense
     */
    static RefusedCall later(String eventError, Exception cause, Status status, String description, long retryAfter) {
        return of(
                eventError,
                String.valueOf(cause.getMessage()),
                status,
                OAuthError.of(OAuthErrorException.TEMPORARILY_UNAVAILABLE, description),
                Map.of(HttpHeaders.RETRY_AFTER, Long.toString(retryAfter)));
    }

    /** The reason for the event. */
    public String reason() {
        return details.getOrDefault(Details.REASON, eventError);
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
        event.error(eventError);
    }
}
