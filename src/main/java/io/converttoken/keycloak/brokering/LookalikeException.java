// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;

/** The database treats another identity, which is linked to a user, as equal to the one that was asked for. */
public final class LookalikeException extends RefusedException {

    private static final long serialVersionUID = 1L;

    LookalikeException() {
        super(Reason.of(ReasonCode.IDENTITY_LOOKALIKE));
    }
}
