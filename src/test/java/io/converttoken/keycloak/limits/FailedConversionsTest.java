// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.converttoken.keycloak.metrics.BackendId;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FailedConversionsTest {

    private static final BackendId BACKEND = new BackendId("realm", "social", "mapper");

    private final AtomicLong nanos = new AtomicLong(1);
    private final FailedConversions conversions = new FailedConversions(60, clock());

    @Test
    void sixtyFailuresAreFree() {
        fail(conversions.of(BACKEND, "192.0.2.1"), 59);
        assertIsFree(conversions.of(BACKEND, "192.0.2.1"));
    }

    @Test
    void theNextOneWaits() {
        FailedConversions.OfAddress client = conversions.of(BACKEND, "192.0.2.1");
        fail(client, 60);
        assertThat(waits(client).retryAfter()).isEqualTo(1);
    }

    @Test
    void oneMoreIsFreeEverySecond() {
        FailedConversions.OfAddress client = conversions.of(BACKEND, "192.0.2.1");
        fail(client, 60);
        pass(Duration.ofMillis(999));
        waits(client);
        pass(Duration.ofMillis(1));
        assertIsFree(client);
        client.failed();
        waits(client);
    }

    @Test
    void conversionsThatSucceedUseNothingUp() {
        FailedConversions.OfAddress client = conversions.of(BACKEND, "192.0.2.1");
        fail(client, 59);
        IntStream.range(0, 1000).forEach(i -> client.requireRoom());
    }

    @Test
    void retryAfterIsWholeSeconds() {
        FailedConversions slow = new FailedConversions(1, clock());
        FailedConversions.OfAddress client = slow.of(BACKEND, "192.0.2.1");
        fail(client, 1);
        assertThat(waits(client).retryAfter()).isBetween(60L, 61L);
    }

    @Test
    void othersAreNotConcerned() {
        fail(conversions.of(BACKEND, "192.0.2.1"), 100);
        assertIsFree(conversions.of(BACKEND, "192.0.2.2"));
        assertIsFree(conversions.of(new BackendId("realm", "another", "mapper"), "192.0.2.1"));
        assertIsFree(conversions.of(new BackendId("another", "social", "mapper"), "192.0.2.1"));
    }

    @Test
    void failuresGoWithTheirBackend() {
        fail(conversions.of(BACKEND, "192.0.2.1"), 60);
        conversions.forget(BACKEND::equals);
        assertIsFree(conversions.of(BACKEND, "192.0.2.1"));
    }

    @Test
    void addressesOfOneSubscriberAreOneClient() {
        fail(conversions.of(BACKEND, "2001:db8:1:2::1"), 60);
        waits(conversions.of(BACKEND, "2001:db8:1:2:ffff::2"));
        assertIsFree(conversions.of(BACKEND, "2001:db8:1:3::1"));
    }

    @Test
    void zeroIsNoLimit() {
        FailedConversions.OfAddress client = new FailedConversions(0, clock()).of(BACKEND, "192.0.2.1");
        fail(client, 1000);
        assertIsFree(client);
    }

    private static void fail(FailedConversions.OfAddress client, int times) {
        IntStream.range(0, times).forEach(i -> client.failed());
    }

    private static void assertIsFree(FailedConversions.OfAddress client) {
        assertThatCode(client::requireRoom).doesNotThrowAnyException();
    }

    private static TooManyFailuresException waits(FailedConversions.OfAddress client) {
        return catchThrowableOfType(TooManyFailuresException.class, client::requireRoom);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private TimeMeter clock() {
        return new TimeMeter() {
            @Override
            public long currentTimeNanos() {
                return nanos.get();
            }

            @Override
            public boolean isWallClockBased() {
                return false;
            }
        };
    }
}
