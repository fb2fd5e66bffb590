// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.refusal;

import static io.converttoken.keycloak.refusal.RefusedCall.badRequest;
import static io.converttoken.keycloak.refusal.RefusedCall.later;
import static org.keycloak.OAuthErrorException.INVALID_GRANT;
import static org.keycloak.OAuthErrorException.INVALID_REQUEST;
import static org.keycloak.OAuthErrorException.SERVER_ERROR;
import static org.keycloak.OAuthErrorException.UNAUTHORIZED_CLIENT;

import io.converttoken.keycloak.backend.ClientNotAllowedException;
import io.converttoken.keycloak.backend.UnknownBackendException;
import io.converttoken.keycloak.brokering.InteractionRequiredException;
import io.converttoken.keycloak.brokering.OvertakenException;
import io.converttoken.keycloak.brokering.UserRefusedException;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.OAuthError;
import io.converttoken.keycloak.http.UnreadableBodyException;
import io.converttoken.keycloak.invalidation.OverruledException;
import io.converttoken.keycloak.limits.TooManyFailuresException;
import io.converttoken.keycloak.linking.ConnectionRefusedException;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import jakarta.ws.rs.core.Response.Status;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.services.clientpolicy.ClientPolicyException;

/**
 * The one table of refusals, for conversions and for all other calls. It leads from an exception to what the event and
 * the caller are told. An exception that is not in the table
 * is a fault of ours or of Keycloak, and Keycloak answers it.
 */
public final class RefusalTable {

    private static final String INTERACTION_REQUIRED = "interaction_required";
    private static final String PROVIDER_UNAVAILABLE = "identity_provider_unavailable";
    private static final String TOO_MANY_FAILURES = "too_many_failures";
    private static final String BUSY = "busy";
    private static final long BUSY_RETRY_AFTER = 1;

    private static final List<Row<?>> ROWS = List.of(
            // the request
            row(CallRefusedException.class, CallRefusedException::refusal),
            row(
                    UnreadableBodyException.class,
                    e -> RefusedCall.of(
                            Errors.INVALID_REQUEST, e.reason(), e.status(), INVALID_REQUEST, e.description())),
            row(
                    InvalidParameterException.class,
                    e -> badRequest(Errors.INVALID_REQUEST, e, INVALID_REQUEST, e.description())),

            // the backend
            row(
                    UnknownBackendException.class,
                    e -> badRequest(Errors.UNKNOWN_IDENTITY_PROVIDER, e, INVALID_REQUEST, "Unknown backend")),
            row(
                    ClientNotAllowedException.class,
                    e -> badRequest(
                            Errors.NOT_ALLOWED,
                            e,
                            UNAUTHORIZED_CLIENT,
                            "Client is not allowed to convert tokens of this backend")),

            // the external token
            row(
                    ExternalTokenRefusedException.class,
                    e -> badRequest(
                            Errors.INVALID_TOKEN,
                            e,
                            INVALID_GRANT,
                            "Token is not valid, or was not issued to this application")),
            row(
                    ProviderUnavailableException.class,
                    e -> later(
                            PROVIDER_UNAVAILABLE,
                            e,
                            Status.SERVICE_UNAVAILABLE,
                            "The identity provider cannot be asked now",
                            e.retryAfter())),
            row(
                    TooManyFailuresException.class,
                    e -> later(
                            TOO_MANY_FAILURES,
                            e,
                            Status.TOO_MANY_REQUESTS,
                            "Too many tokens were refused",
                            e.retryAfter())),

            // the person
            row(UserRefusedException.class, e -> badRequest(e.eventError(), e, INVALID_GRANT, e.description())),
            row(
                    InteractionRequiredException.class,
                    e -> badRequest(
                            INTERACTION_REQUIRED,
                            e,
                            INTERACTION_REQUIRED,
                            "Send the user to the browser flow with kc_idp_hint=" + e.alias())),
            row(ConnectionRefusedException.class, e -> badRequest(e.eventError(), e, e.oauthError(), e.description())),

            // everything else
            row(BusyException.class, RefusalTable::busy),
            row(OvertakenException.class, RefusalTable::busy),
            row(
                    OverruledException.class,
                    e -> RefusedCall.of(
                            SERVER_ERROR,
                            e.reason(),
                            Status.INTERNAL_SERVER_ERROR,
                            SERVER_ERROR,
                            OverruledException.DESCRIPTION)),
            row(PolicyRefusedException.class, e -> of(e.refusal())));

    private RefusalTable() {}

    /** Returns what the caller and the event are told of an exception, or nothing if it is no refusal. */
    public static Optional<RefusedCall> of(RuntimeException cause) {
        return ROWS.stream().flatMap(row -> row.of(cause).stream()).findFirst();
    }

    /** A client policy brings its own error, status and text. */
    private static RefusedCall of(ClientPolicyException cause) {
        return new RefusedCall(
                cause.getError(),
                Reason.of(ReasonCode.CLIENT_POLICY_ERROR, String.valueOf(cause.getErrorDetail())),
                Map.of(
                        Details.CLIENT_POLICY_ERROR, cause.getError(),
                        Details.CLIENT_POLICY_ERROR_DETAIL, String.valueOf(cause.getErrorDetail())),
                cause.getErrorStatus(),
                OAuthError.of(cause.getError(), cause.getErrorDetail()),
                Map.of());
    }

    private static RefusedCall busy(RefusedException cause) {
        return later(
                BUSY,
                cause,
                Status.SERVICE_UNAVAILABLE,
                "Other requests are changing the same at this moment, try again",
                BUSY_RETRY_AFTER);
    }

    private static <E extends RuntimeException> Row<E> row(Class<E> cause, Function<E, RefusedCall> refusal) {
        return new Row<>(cause, refusal);
    }

    private record Row<E extends RuntimeException>(Class<E> cause, Function<E, RefusedCall> refusal) {

        Optional<RefusedCall> of(RuntimeException thrown) {
            return cause.isInstance(thrown) ? Optional.of(refusal.apply(cause.cast(thrown))) : Optional.empty();
        }
    }
}
