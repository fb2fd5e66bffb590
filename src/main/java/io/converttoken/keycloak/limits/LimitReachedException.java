// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import io.converttoken.keycloak.metrics.Meters.Limit;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;

/** A call to a provider is not made now, or is not waited for any longer. */
public final class LimitReachedException extends RefusedException {

    private static final long serialVersionUID = 1L;

    private final Limit limit;
    private final long retryAfter;

    LimitReachedException(Limit limit, ReasonCode code, long retryAfter) {
        super(Reason.of(code));
        this.limit = limit;
        this.retryAfter = retryAfter;
    }

    /** Returns the limit that was reached. */
    public Limit limit() {
        return limit;
    }

    /** Returns the number of seconds after which trying again makes sense. */
    public long retryAfter() {
        return retryAfter;
    }
}
