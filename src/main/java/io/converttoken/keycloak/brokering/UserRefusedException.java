// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import java.util.Optional;
import org.keycloak.events.Errors;
import org.keycloak.models.UserModel;

/**
 * The identity cannot sign in: its user is disabled or locked by brute-force protection, a flow denies access, the
 * identity provider is for linking only, or Keycloak cannot store the profile.
 */
public final class UserRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final String DESCRIPTION = "User may not sign in";

    @SuppressWarnings("serial") // never serialised
    private final Optional<String> userId;

    private final String eventError;
    private final String description;

    UserRefusedException(String eventError) {
        this(Optional.empty(), eventError, eventError, DESCRIPTION);
    }

    UserRefusedException(UserModel user, String eventError) {
        this(Optional.of(user.getId()), eventError, eventError, DESCRIPTION);
    }

    /** @param reason the reason for the event, because its error does not say everything */
    UserRefusedException(UserModel user, String eventError, String reason) {
        this(Optional.of(user.getId()), eventError, reason, DESCRIPTION);
    }

    /** @param reason the reason for the event, because its error does not say everything */
    UserRefusedException(String eventError, String reason) {
        this(Optional.empty(), eventError, reason, DESCRIPTION);
    }

    private UserRefusedException(Optional<String> userId, String eventError, String reason, String description) {
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
                "identity provider is for account linking only",
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
