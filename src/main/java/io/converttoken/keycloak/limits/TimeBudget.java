// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import java.time.Duration;

/** The time that is left for the calls of one conversion together. Only one thread may use it. */
public final class TimeBudget {

    private long nanos;

    public TimeBudget(Duration total) {
        this.nanos = total.toNanos();
    }

    public Duration remaining() {
        return Duration.ofNanos(nanos);
    }

    public boolean isSpent() {
        return nanos <= 0;
    }

    void spend(long spent) {
        nanos = Math.max(0, nanos - spent);
    }
}
