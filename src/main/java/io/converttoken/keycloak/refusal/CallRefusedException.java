// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.refusal;

import io.converttoken.keycloak.http.OAuthError;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response.Status;
import java.util.Map;
import java.util.Optional;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.Errors;

/** A call of the realm resource is refused before anything is done. */
public final class CallRefusedException extends RefusedException {

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
        return forbidden(
                Errors.SSL_REQUIRED, ReasonCode.HTTPS_REQUIRED, OAuthErrorException.INVALID_REQUEST, "HTTPS required");
    }

    public static CallRefusedException ofDisabledRealm() {
        return forbidden(Errors.REALM_DISABLED, ReasonCode.REALM_DISABLED, ACCESS_DENIED, "Realm not enabled");
    }

    public static CallRefusedException ofForeignOrigin() {
        return forbidden(
                Errors.NOT_ALLOWED,
                ReasonCode.ORIGIN_NOT_ALLOWED,
                OAuthErrorException.INVALID_REQUEST,
                "Invalid origin: add it to the Web origins of the client");
    }

    private static CallRefusedException forbidden(
            String eventError, ReasonCode reason, String error, String description) {
        return new CallRefusedException(
                RefusedCall.of(eventError, Reason.of(reason), Status.FORBIDDEN, error, description));
    }

    public static CallRefusedException unsupportedGrantType() {
        return new CallRefusedException(RefusedCall.of(
                Errors.INVALID_REQUEST,
                Reason.of(ReasonCode.UNSUPPORTED_GRANT_TYPE),
                Status.BAD_REQUEST,
                OAuthErrorException.UNSUPPORTED_GRANT_TYPE,
                "Unsupported grant_type"));
    }

    /** @param scope the scope that was asked for */
    public static CallRefusedException invalidScope(String scope) {
        return new CallRefusedException(RefusedCall.of(
                Errors.INVALID_REQUEST,
                Reason.of(ReasonCode.SCOPE_INVALID, scope),
                Status.BAD_REQUEST,
                OAuthErrorException.INVALID_SCOPE,
                "Invalid scopes: " + scope));
    }

    /** Keycloak's own endpoints say it in this way when a client authenticates. */
    public static CallRefusedException invalidClient(ReasonCode code, String clientId) {
        return new CallRefusedException(RefusedCall.of(
                Errors.INVALID_CLIENT,
                Reason.of(code, clientId),
                Status.UNAUTHORIZED,
                OAuthErrorException.INVALID_CLIENT,
                "Invalid client or Invalid client credentials"));
    }

    public static CallRefusedException missingToken() {
        return challenged(
                Errors.INVALID_TOKEN,
                Reason.of(ReasonCode.BEARER_MISSING),
                Status.UNAUTHORIZED,
                OAuthError.of(OAuthErrorException.INVALID_TOKEN, "Bearer token is missing"),
                "");
    }

    public static CallRefusedException invalidToken() {
        return challenged(
                Errors.INVALID_TOKEN,
                Reason.of(ReasonCode.BEARER_INVALID),
                Status.UNAUTHORIZED,
                OAuthError.of(OAuthErrorException.INVALID_TOKEN, "Bearer token is not valid"),
                "");
    }

    public static CallRefusedException insufficientScope() {
        return challenged(
                Errors.NOT_ALLOWED,
                Reason.of(ReasonCode.RIGHT_MISSING),
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
                Reason.of(ReasonCode.SIGN_IN_TOO_OLD, Finding.of(() -> "at most " + maxAge + " s", Optional::empty)),
                Status.UNAUTHORIZED,
                OAuthError.of(INSUFFICIENT_USER_AUTHENTICATION, SIGN_IN_AGAIN),
                ", error_description=\"" + SIGN_IN_AGAIN + "\", max_age=\"" + maxAge + "\"");
    }

    /** RFC 6750, section 3. */
    private static CallRefusedException challenged(
            String eventError, Reason reason, Status status, OAuthError error, String moreOfTheChallenge) {
        String challenge = "Bearer error=\"" + error.error() + "\"" + moreOfTheChallenge;
        return new CallRefusedException(
                RefusedCall.of(eventError, reason, status, error, Map.of(HttpHeaders.WWW_AUTHENTICATE, challenge)));
    }

    public RefusedCall refusal() {
        return refusal;
    }
}
