package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.brokering.ConnectionRefusedException;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.OAuthError;
import io.converttoken.keycloak.http.UnreadableBodyException;
import io.converttoken.keycloak.invalidation.OverruledException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response.Status;
import java.util.Map;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.services.clientpolicy.ClientPolicyException;

/**
 * Why a call is refused: precisely to the event, by the RFC's code and a fixed text of ours to the caller.
 *
 * @param eventError one of {@link Errors}, or a code of ours
 * @param reason for the event
 */
record CallRefusal(String eventError, String reason, Status status, OAuthError error, Map<String, String> headers) {

    private static final String ACCESS_DENIED = "access_denied";
    private static final String INSUFFICIENT_USER_AUTHENTICATION = "insufficient_user_authentication";
    private static final String SIGN_IN_AGAIN = "A more recent sign-in is required";
    private static final String PROVIDER_UNAVAILABLE = "identity_provider_unavailable";
    private static final String TOO_MANY_FAILURES = "too_many_failures";
    private static final long BUSY_RETRY_AFTER = 1;

    CallRefusal {
        headers = Map.copyOf(headers);
    }

    static CallRefusal insecure() {
        return forbidden(Errors.SSL_REQUIRED, OAuthErrorException.INVALID_REQUEST, "HTTPS required");
    }

    static CallRefusal ofDisabledRealm() {
        return forbidden(Errors.REALM_DISABLED, ACCESS_DENIED, "Realm not enabled");
    }

    static CallRefusal ofForeignOrigin() {
        return forbidden(Errors.NOT_ALLOWED, OAuthErrorException.INVALID_REQUEST, "Invalid origin");
    }

    private static CallRefusal forbidden(String eventError, String error, String description) {
        return of(eventError, description, Status.FORBIDDEN, error, description);
    }

    static CallRefusal invalidToken() {
        return challenged(
                Errors.INVALID_TOKEN,
                "bearer token is missing or not valid",
                Status.UNAUTHORIZED,
                OAuthError.of(OAuthErrorException.INVALID_TOKEN, "Bearer token is not valid"),
                "");
    }

    static CallRefusal insufficientScope() {
        return challenged(
                Errors.NOT_ALLOWED,
                "bearer token does not carry this right",
                Status.FORBIDDEN,
                OAuthError.of(OAuthErrorException.INSUFFICIENT_SCOPE, "Bearer token does not carry this right"),
                "");
    }

    /**
     * RFC 9470, section 3.
     *
     * @param maxAge seconds that the sign-in may be old
     */
    static CallRefusal outdatedSignIn(long maxAge) {
        return challenged(
                Errors.NOT_ALLOWED,
                "sign-in is older than " + maxAge + " seconds, or not known",
                Status.UNAUTHORIZED,
                OAuthError.of(INSUFFICIENT_USER_AUTHENTICATION, SIGN_IN_AGAIN),
                ", error_description=\"" + SIGN_IN_AGAIN + "\", max_age=\"" + maxAge + "\"");
    }

    /** RFC 6750, section 3. */
    private static CallRefusal challenged(
            String eventError, String reason, Status status, OAuthError error, String moreOfTheChallenge) {
        String challenge = "Bearer error=\"" + error.error() + "\"" + moreOfTheChallenge;
        return new CallRefusal(eventError, reason, status, error, Map.of(HttpHeaders.WWW_AUTHENTICATE, challenge));
    }

    static CallRefusal of(UnreadableBodyException e) {
        return of(
                Errors.INVALID_REQUEST,
                e.description(),
                e.status(),
                OAuthErrorException.INVALID_REQUEST,
                e.description());
    }

    static CallRefusal unsupportedGrantType() {
        return of(
                Errors.INVALID_REQUEST,
                "grant_type is not that of this endpoint",
                Status.BAD_REQUEST,
                OAuthErrorException.UNSUPPORTED_GRANT_TYPE,
                "Unsupported grant_type");
    }

    static CallRefusal of(InvalidParameterException e) {
        return request(Errors.INVALID_REQUEST, e.description(), e.description());
    }

    static CallRefusal of(OverruledException e) {
        return of(
                OAuthErrorException.SERVER_ERROR,
                String.valueOf(e.getMessage()),
                Status.INTERNAL_SERVER_ERROR,
                OAuthErrorException.SERVER_ERROR,
                OverruledException.DESCRIPTION);
    }

    static CallRefusal of(BusyException e) {
        return later(
                Errors.INVALID_REQUEST,
                String.valueOf(e.getMessage()),
                Status.SERVICE_UNAVAILABLE,
                "Others are at the same, try again",
                BUSY_RETRY_AFTER);
    }

    static CallRefusal of(ConnectionRefusedException e) {
        String reason = String.valueOf(e.getMessage());
        return switch (e.fault()) {
            case REQUEST -> request(Errors.INVALID_REQUEST, reason, e.description());
            case CLIENT ->
                of(
                        Errors.NOT_ALLOWED,
                        reason,
                        Status.BAD_REQUEST,
                        OAuthErrorException.UNAUTHORIZED_CLIENT,
                        e.description());
            case TOKEN ->
                of(
                        Errors.INVALID_TOKEN,
                        reason,
                        Status.BAD_REQUEST,
                        OAuthErrorException.INVALID_GRANT,
                        e.description());
            case PROFILE ->
                of(
                        Errors.IDENTITY_PROVIDER_LOGIN_FAILURE,
                        reason,
                        Status.BAD_REQUEST,
                        OAuthErrorException.INVALID_GRANT,
                        e.description());
            case PROVIDER ->
                later(PROVIDER_UNAVAILABLE, reason, Status.SERVICE_UNAVAILABLE, e.description(), e.retryAfter());
            case TOO_MANY ->
                later(TOO_MANY_FAILURES, reason, Status.TOO_MANY_REQUESTS, e.description(), e.retryAfter());
        };
    }

    private static CallRefusal request(String eventError, String reason, String description) {
        return of(eventError, reason, Status.BAD_REQUEST, OAuthErrorException.INVALID_REQUEST, description);
    }

    private static CallRefusal later(
            String eventError, String reason, Status status, String description, long retryAfter) {
        return new CallRefusal(
                eventError,
                reason,
                status,
                OAuthError.of(OAuthErrorException.TEMPORARILY_UNAVAILABLE, description),
                Map.of(HttpHeaders.RETRY_AFTER, Long.toString(retryAfter)));
    }

    static CallRefusal of(ClientPolicyException e) {
        return of(e.getError(), Details.CLIENT_POLICY_ERROR, e.getErrorStatus(), e.getError(), e.getErrorDetail());
    }

    private static CallRefusal of(String eventError, String reason, Status status, String error, String description) {
        return new CallRefusal(eventError, reason, status, OAuthError.of(error, description), Map.of());
    }
}
