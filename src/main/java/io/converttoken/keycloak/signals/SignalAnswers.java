// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.http.OAuthError;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.refusal.RefusedCall;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.util.Map;
import java.util.Optional;

/** Answers a provider in the way in which its kind of signal is answered. */
final class SignalAnswers {

    private static final int CLIENT_FAULT = 400;

    private SignalAnswers() {}

    /** Returns the answer to a signal that was taken. Only a global token revocation learns whether anybody is meant. */
    static Response taken(Kind kind, Outcome outcome) {
        return switch (kind) {
            case SECURITY_EVENT -> Response.status(Status.ACCEPTED).build();
            case APPLE, BACKCHANNEL_LOGOUT, FACEBOOK ->
                Response.ok(Map.of()).type(MediaType.APPLICATION_JSON_TYPE).build();
            case GLOBAL_TOKEN_REVOCATION ->
                outcome.status() == Outcome.Status.UNKNOWN_PERSON
                        ? OAuthError.of("not_found", "Nobody of this backend is meant")
                                .answer(Status.NOT_FOUND, Map.of())
                        : Response.noContent().build();
            case GITHUB -> Response.noContent().build();
        };
    }

    /** Returns the answer to a request for the deletion of data: the page, and the code that leads there. */
    static Response deletion(String url, String code) {
        return Response.ok(Map.of("url", url, "confirmation_code", code))
                .type(MediaType.APPLICATION_JSON_TYPE)
                .build();
    }

    /** Returns the answer to a signal that is refused. */
    static Response refused(Optional<Kind> kind, RefusedCall refusal) {
        boolean isSignalAtFault = refusal.status().getStatusCode() == CLIENT_FAULT;
        if (!isSignalAtFault || kind.isEmpty()) {
            return refusal.answer();
        }
        return switch (kind.get()) {
            case SECURITY_EVENT -> securityEventError(refusal);
            case GLOBAL_TOKEN_REVOCATION -> revocationError(refusal);
            default -> refusal.answer();
        };
    }

    /** RFC 8935, section 2.3, with the reference by which the event is found. */
    private static Response securityEventError(RefusedCall refusal) {
        return Response.status(Status.BAD_REQUEST)
                .entity(Map.of(
                        "err",
                        securityEventError(refusal.reason().code()),
                        "description",
                        "The security event is not taken",
                        "error_reference",
                        refusal.error().reference().orElse("")))
                .type(MediaType.APPLICATION_JSON_TYPE)
                .build();
    }

    private static String securityEventError(ReasonCode code) {
        return switch (code) {
            case ISSUER_MISMATCH, ISSUER_NOT_CONFIGURED -> "invalid_issuer";
            case AUDIENCE_MISMATCH -> "invalid_audience";
            case KEY_UNKNOWN, KEYS_NOT_CONFIGURED, KEYS_UNREADABLE, ALGORITHM_UNSUPPORTED -> "invalid_key";
            case SIGNATURE_INVALID -> "authentication_failed";
            default -> "invalid_request";
        };
    }

    /** The call is not proven to be the provider's, unless its body is at fault. */
    private static Response revocationError(RefusedCall refusal) {
        if (refusal.reason().code() == ReasonCode.SIGNAL_NOT_UNDERSTOOD) {
            return refusal.answer();
        }
        return refusal.error()
                .answer(Status.UNAUTHORIZED, Map.of(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""));
    }
}
