// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import dev.failsafe.CircuitBreaker;
import io.converttoken.keycloak.metrics.Meters.Limit;
import io.converttoken.keycloak.reason.ReasonCode;
import java.time.Duration;

/**
 * Stops calls to a provider that fails, and tries one call after a pause. Each call that {@link #require()} lets
 * through must be followed by {@link #record}, because a trial without an outcome would be the last call.
 */
public final class Breaker {

    private static final int HALF = 50;

    private final CircuitBreaker<Object> circuit;

    Breaker(Limits limits) {
        this.circuit = CircuitBreaker.builder()
                .withFailureRateThreshold(HALF, limits.breakerFailures(), limits.breakerWindow())
                .withDelay(limits.breakerPause())
                .withSuccessThreshold(1)
                .build();
    }

    /** @throws LimitReachedException when no call is made now */
    public void require() {
        if (!circuit.tryAcquirePermit()) {
            throw new LimitReachedException(Limit.BREAKER, ReasonCode.PROVIDER_PAUSED, retryAfter());
        }
    }

    /** @param works true if the provider answered, unless the answer was that it cannot answer now */
    public void record(boolean works) {
        if (works) {
            circuit.recordSuccess();
        } else {
            circuit.recordFailure();
        }
    }

    /** Returns 0 while calls are made, 1 while one is tried, 2 while none is made. */
    int level() {
        return switch (circuit.getState()) {
            case CLOSED -> 0;
            case HALF_OPEN -> 1;
            case OPEN -> 2;
        };
    }

    private long retryAfter() {
        Duration remaining = circuit.getRemainingDelay();
        return Math.max(1, remaining.toSeconds() + 1);
    }
}
