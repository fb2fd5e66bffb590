// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.linking;

import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.Errors;

/**
 * An identity cannot be connected or disconnected. The message is the reason for the event; the description is for the
 * caller.
 */
public final class ConnectionRefusedException extends RefusedException {

    private static final long serialVersionUID = 1L;

    private final Fault fault;
    private final String description;

    private enum Fault {
        REQUEST(Errors.INVALID_REQUEST, OAuthErrorException.INVALID_REQUEST),
        PROFILE(Errors.IDENTITY_PROVIDER_LOGIN_FAILURE, OAuthErrorException.INVALID_GRANT);

        private final String eventError;
        private final String oauthError;

        Fault(String eventError, String oauthError) {
            this.eventError = eventError;
            this.oauthError = oauthError;
        }
    }

    private ConnectionRefusedException(Fault fault, Reason reason, String description) {
        super(reason);
        this.fault = fault;
        this.description = description;
    }

    /** The account does not allow what the caller asks for. */
    ConnectionRefusedException(Reason reason, String description) {
        this(Fault.REQUEST, reason, description);
    }

    /** The profile from the provider cannot be stored. */
    static ConnectionRefusedException unstorable(Reason reason) {
        return new ConnectionRefusedException(
                Fault.PROFILE, reason, "What the identity provider says of the person cannot be stored");
    }

    static ConnectionRefusedException boundToOrganization() {
        return new ConnectionRefusedException(
                Reason.of(ReasonCode.ACCOUNT_BOUND_TO_ORGANIZATION),
                "The account's identity belongs to its organization");
    }

    /** The caller may learn this, because the token proves that the identity is the caller's. */
    static ConnectionRefusedException alreadyConnected() {
        return new ConnectionRefusedException(
                Reason.of(ReasonCode.IDENTITY_TAKEN),
                "The identity is connected to another user, or the user to another identity of this backend");
    }

    boolean isOfProfile() {
        return fault == Fault.PROFILE;
    }

    /** The error of the event, one of {@link Errors}. */
    public String eventError() {
        return fault.eventError;
    }

    /** The error for the caller (RFC 6749, section 5.2). */
    public String oauthError() {
        return fault.oauthError;
    }

    /** A fixed text for the caller. */
    public String description() {
        return description;
    }
}
