// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;

/** Too many conversions of a backend have failed for this client address. */
public final class TooManyFailuresException extends RefusedException {

    private static final long serialVersionUID = 1L;

    private final long retryAfter;

    TooManyFailuresException(long retryAfter) {
        super(Reason.of(ReasonCode.TOO_MANY_FAILURES));
        this.retryAfter = retryAfter;
    }

    /** Returns the number of seconds after which trying again makes sense. */
    public long retryAfter() {
        return retryAfter;
    }
}
