// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

/** The database treats another identity, which is linked to a user, as equal to the one that was asked for. */
public final class LookalikeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The reason, for the event. */
    public static final String REASON =
            "the database takes another identity, which is linked to an account, for the same";

    LookalikeException() {
        super(REASON);
    }
}
