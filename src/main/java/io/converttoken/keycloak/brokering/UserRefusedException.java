// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;
import java.util.Optional;
import org.keycloak.events.Errors;
import org.keycloak.models.UserModel;

/**
 * The identity cannot sign in: its user is disabled or locked by brute-force protection, a flow denies access, the
 * identity provider is for linking only, or Keycloak cannot store the profile.
 */
public final class UserRefusedException extends RefusedException {

    private static final long serialVersionUID = 1L;

    private static final String DESCRIPTION = "User may not sign in";

    @SuppressWarnings("serial") // never serialised
    private final Optional<String> userId;

    private final String eventError;
    private final String description;

    UserRefusedException(String eventError, Reason reason) {
        this(Optional.empty(), eventError, reason, DESCRIPTION);
    }

    UserRefusedException(UserModel user, String eventError, Reason reason) {
        this(Optional.of(user.getId()), eventError, reason, DESCRIPTION);
    }

    private UserRefusedException(Optional<String> userId, String eventError, Reason reason, String description) {
        super(reason);
        this.userId = userId;
        this.eventError = eventError;
        this.description = description;
    }

    /** Nobody can sign in through this identity provider, so that the answer says nothing about the user. */
    static UserRefusedException ofLinkingOnly() {
        return new UserRefusedException(
                Optional.empty(),
                Errors.NOT_ALLOWED,
                Reason.of(ReasonCode.LINK_ONLY),
                "This backend is for account linking only");
    }

    /** The id of the user, if there is one. */
    public Optional<String> userId() {
        return userId;
    }

    /** The text for the caller. */
    public String description() {
        return description;
    }

    /** The error of the event, one of {@link org.keycloak.events.Errors}. */
    public String eventError() {
        return eventError;
    }
}
