// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.metrics.BackendId;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RefusedTokensTest {

    private static final BackendId BACKEND = new BackendId("realm", "social", "mapper");
    private static final RefusedTokens.Key KEY = new RefusedTokens.Key(BACKEND, 1, "digest");

    private final AtomicLong nanos = new AtomicLong();
    private final RefusedTokens memory = new RefusedTokens(Duration.ofSeconds(60), nanos::get);

    private static final Reason INACTIVE = Reason.of(ReasonCode.TOKEN_INACTIVE);

    @Test
    void refusalIsRememberedForAMinute() {
        memory.remember(KEY, INACTIVE);
        nanos.addAndGet(Duration.ofSeconds(60).toNanos() - 1);
        assertThat(memory.find(KEY)).contains(INACTIVE);
        nanos.addAndGet(1);
        assertThat(memory.find(KEY)).isEmpty();
    }

    @Test
    void lookingItUpDoesNotProlongIt() {
        memory.remember(KEY, INACTIVE);
        for (int second = 0; second < 60; second++) {
            memory.find(KEY);
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        }
        assertThat(memory.find(KEY)).isEmpty();
    }

    @Test
    void itHoldsForThisTokenBackendAndRevisionOnly() {
        memory.remember(KEY, INACTIVE);
        assertThat(memory.find(new RefusedTokens.Key(BACKEND, 1, "another"))).isEmpty();
        assertThat(memory.find(new RefusedTokens.Key(BACKEND, 2, "digest"))).isEmpty();
        assertThat(memory.find(new RefusedTokens.Key(new BackendId("another", "social", "mapper"), 1, "digest")))
                .isEmpty();
    }

    @Test
    void itGoesWithItsBackend() {
        memory.remember(KEY, INACTIVE);
        memory.forget(id -> id.identityProvider().equals("another"));
        assertThat(memory.find(KEY)).contains(INACTIVE);
        memory.forget(BACKEND::equals);
        assertThat(memory.find(KEY)).isEmpty();
    }

    @Test
    void itIsBounded() {
        for (int i = 0; i < 50_000; i++) {
            memory.remember(new RefusedTokens.Key(BACKEND, 1, "digest" + i), INACTIVE);
        }
        assertThat(memory.size()).isLessThanOrEqualTo(10_000);
    }

    @Test
    void zeroIsNoMemory() {
        RefusedTokens none = new RefusedTokens(Duration.ZERO, nanos::get);
        none.remember(KEY, INACTIVE);
        assertThat(none.find(KEY)).isEmpty();
    }

    @Test
    void textTellsNoDigest() {
        assertThat(KEY.toString()).doesNotContain("digest");
    }
}
