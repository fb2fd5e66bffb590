// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.refusal;

import io.converttoken.keycloak.http.OAuthError;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response.Status;
import java.util.Map;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.Errors;

/** A call of the realm resource is refused before anything is done. */
public final class CallRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final String ACCESS_DENIED = "access_denied";
    private static final String INSUFFICIENT_USER_AUTHENTICATION = "insufficient_user_authentication";
    private static final String SIGN_IN_AGAIN = "A more recent sign-in is required";

    @SuppressWarnings("serial") // never serialised
    private final RefusedCall refusal;

    private CallRefusedException(RefusedCall refusal) {
        super(refusal.reason());
        this.refusal = refusal;
    }

    public static CallRefusedException insecure() {
        return forbidden(Errors.SSL_REQUIRED, OAuthErrorException.INVALID_REQUEST, "HTTPS required");
    }

    public static CallRefusedException ofDisabledRealm() {
        return forbidden(Errors.REALM_DISABLED, ACCESS_DENIED, "Realm not enabled");
    }

    public static CallRefusedException ofForeignOrigin() {
        return forbidden(
                Errors.NOT_ALLOWED,
                "Invalid origin",
                OAuthErrorException.INVALID_REQUEST,
                "Invalid origin: add it to the Web origins of the client");
    }

    private static CallRefusedException forbidden(String eventError, String error, String description) {
        return forbidden(eventError, description, error, description);
    }

    private static CallRefusedException forbidden(String eventError, String reason, String error, String description) {
        return new CallRefusedException(RefusedCall.of(eventError, reason, Status.FORBIDDEN, error, description));
    }

    public static CallRefusedException unsupportedGrantType() {
        return new CallRefusedException(RefusedCall.of(
                Errors.INVALID_REQUEST,
                "grant_type is not that of this endpoint",
                Status.BAD_REQUEST,
                OAuthErrorException.UNSUPPORTED_GRANT_TYPE,
                "Unsupported grant_type"));
    }

    public static CallRefusedException missingToken() {
        return challenged(
                Errors.INVALID_TOKEN,
                "bearer token is missing",
                Status.UNAUTHORIZED,
                OAuthError.of(OAuthErrorException.INVALID_TOKEN, "Bearer token is missing"),
                "");
    }

    public static CallRefusedException invalidToken() {
        return challenged(
                Errors.INVALID_TOKEN,
                "bearer token is not valid",
                Status.UNAUTHORIZED,
                OAuthError.of(OAuthErrorException.INVALID_TOKEN, "Bearer token is not valid"),
                "");
    }

    public static CallRefusedException insufficientScope() {
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
     * @param maxAge the age that the sign-in may have, in seconds
     */
    public static CallRefusedException outdatedSignIn(long maxAge) {
        return challenged(
                Errors.NOT_ALLOWED,
                "sign-in is older than " + maxAge + " seconds, or not known",
                Status.UNAUTHORIZED,
                OAuthError.of(INSUFFICIENT_USER_AUTHENTICATION, SIGN_IN_AGAIN),
                ", error_description=\"" + SIGN_IN_AGAIN + "\", max_age=\"" + maxAge + "\"");
    }

    /** RFC 6750, section 3. */
    private static CallRefusedException challenged(
            String eventError, String reason, Status status, OAuthError error, String moreOfTheChallenge) {
        String challenge = "Bearer error=\"" + error.error() + "\"" + moreOfTheChallenge;
        return new CallRefusedException(
                RefusedCall.of(eventError, reason, status, error, Map.of(HttpHeaders.WWW_AUTHENTICATE, challenge)));
    }

    public RefusedCall refusal() {
        return refusal;
    }
}
