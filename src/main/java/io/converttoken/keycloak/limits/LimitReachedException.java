// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import io.converttoken.keycloak.metrics.Meters.Limit;

/** A call to a provider is not made now, or is not waited for any longer. */
public final class LimitReachedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Limit limit;
    private final long retryAfter;

    LimitReachedException(Limit limit, String reason, long retryAfter) {
        super(reason);
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
