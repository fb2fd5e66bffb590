// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.converttoken.keycloak.metrics.BackendId;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Counts failed conversions by client address and backend. An address that has used up its failures gets no more
 * conversions for some time. After that, further failures become possible one by one, not all at once. If there are too
 * many addresses, some are forgotten, so that no address is shut out because of other addresses.
 */
public final class FailedConversions {

    private static final long MAX_ADDRESSES = 100_000;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final int perMinute;
    private final TimeMeter clock;
    private final Cache<Key, Bucket> buckets;

    FailedConversions(int perMinute, TimeMeter clock) {
        this.perMinute = perMinute;
        this.clock = clock;
        this.buckets = Caffeine.newBuilder()
                .maximumSize(MAX_ADDRESSES)
                .expireAfterAccess(MINUTE)
                .executor(Runnable::run)
                .build();
    }

    private record Key(BackendId backend, String address) {}

    /** Returns the conversions of one client address with one backend. */
    public OfAddress of(BackendId backend, @Nullable String address) {
        return new OfAddress(new Key(backend, ClientAddress.of(address)));
    }

    void forget(Predicate<BackendId> gone) {
        buckets.asMap().keySet().removeIf(key -> gone.test(key.backend()));
    }

    /** The conversions of one client address with one backend. */
    public final class OfAddress {

        private final Key key;

        private OfAddress(Key key) {
            this.key = key;
        }

        /** @throws TooManyFailuresException when too many have failed lately */
        public void requireRoom() {
            Bucket bucket = buckets.getIfPresent(key);
            if (bucket != null && bucket.getAvailableTokens() <= 0) {
                throw new TooManyFailuresException(retryAfter(bucket));
            }
        }

        /** Counts one more failed conversion. */
        public void failed() {
            if (perMinute == 0) {
                return;
            }
            buckets.get(key, unknown -> full()).tryConsume(1);
        }

        private long retryAfter(Bucket bucket) {
            long nanos = bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill();
            return Math.max(1, TimeUnit.NANOSECONDS.toSeconds(nanos + SECOND - 1));
        }
    }

    private Bucket full() {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, MINUTE))
                .withCustomTimePrecision(clock)
                .build();
    }
}
