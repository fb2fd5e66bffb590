// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import java.util.Optional;
import org.keycloak.models.UserModel;

/**
 * The identity cannot sign in: its user is disabled or locked by brute-force protection, a flow denies access, the
 * identity provider is for linking only, or Keycloak cannot store the profile.
 */
public final class UserRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // never serialised
    private final Optional<String> userId;

    private final String eventError;

    UserRefusedException(String eventError) {
        this(Optional.empty(), eventError, eventError);
    }

    UserRefusedException(UserModel user, String eventError) {
        this(Optional.of(user.getId()), eventError, eventError);
    }

    /** @param reason the reason for the event, because its error does not say everything */
    UserRefusedException(UserModel user, String eventError, String reason) {
        this(Optional.of(user.getId()), eventError, reason);
    }

    /** @param reason the reason for the event, because its error does not say everything */
    UserRefusedException(String eventError, String reason) {
        this(Optional.empty(), eventError, reason);
    }

    private UserRefusedException(Optional<String> userId, String eventError, String reason) {
        super(reason);
        this.userId = userId;
        this.eventError = eventError;
    }

    /** The id of the user, if there is one. */
    public Optional<String> userId() {
        return userId;
    }

    /** The error of the event, one of {@link org.keycloak.events.Errors}. */
    public String eventError() {
        return eventError;
    }
}
