// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import dev.failsafe.Bulkhead;
import io.converttoken.keycloak.metrics.Meters.Gauges;
import io.converttoken.keycloak.metrics.Meters.Limit;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What holds for the calls of this node to one backend's provider. */
public final class ProviderGuard {

    private static final long RETRY_AFTER = 2;

    private static final Duration PATIENCE = Duration.ofMillis(200);
    private static final Duration FIRST_PATIENCE = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final long NEVER = Long.MIN_VALUE;

    /** A provider has few keys; more than that are those of former times. */
    private static final int MAX_KNOWN_KEYS = 100;

    private final Limits limits;
    private final Bulkhead<Object> node;
    private final Bulkhead<Object> backend;
    private final CallThreads calls;
    private final Watch watch;
    private final Set<Object> knownKeys = ConcurrentHashMap.newKeySet();
    private final AtomicInteger quickLookups = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong fullSince = new AtomicLong(NEVER);
    private volatile @Nullable Revision revision;
    private volatile boolean hasLookedUp;

    ProviderGuard(Limits limits, Bulkhead<Object> node, CallThreads calls, Watch watch) {
        this.limits = limits;
        this.node = node;
        this.backend = Bulkhead.of(limits.waitingPerBackend());
        this.calls = calls;
        this.watch = watch;
    }

    /** What is known of the provider as long as nobody changes the backend's settings. */
    private record Revision(long number, BackendSettings settings, Breaker tokens, Breaker keys, Gauges gauges) {}

    /** A place among the conversions that wait for the provider. */
    @FunctionalInterface
    public interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Takes a place, without waiting for one: Failsafe 3.3.2 loses a place for each wait that times out.
     *
     * @throws LimitReachedException when there is none
     */
    public Place enter() {
        return place(take());
    }

    private Place place(@Nullable Limit reached) {
        if (reached == null) {
            return this::leave;
        }
        throw new LimitReachedException(
                reached,
                reached == Limit.BACKEND
                        ? "too many conversions wait for this identity provider"
                        : "too many conversions wait for identity providers",
                RETRY_AFTER);
    }

    /** Takes a place, or tells what is in the way. */
    private @Nullable Limit take() {
        if (!backend.tryAcquirePermit()) {
            return Limit.BACKEND;
        }
        if (!node.tryAcquirePermit()) {
            backend.releasePermit();
            return Limit.NODE;
        }
        waiting.incrementAndGet();
        return null;
    }

    private void leave() {
        waiting.decrementAndGet();
        node.releasePermit();
        backend.releasePermit();
        fullSince.set(NEVER);
    }

    /** A fresh budget for the calls of one conversion. */
    public TimeBudget budget() {
        return new TimeBudget(limits.providerDeadline());
    }

    /** Makes a call on another thread, see {@link CallThreads#within}. */
    public <T> T call(TimeBudget budget, Callable<T> call, Runnable abort) throws IOException {
        return calls.within(budget, call, abort);
    }

    /** Whether calls with tokens are made; it forgets what it knows when the settings become others. */
    public Breaker tokenCalls(BackendSettings settings) {
        return revision(settings).tokens();
    }

    /**
     * The same for calls without a token, for keys and metadata: whoever brings a token signed with a key that nobody knows
     * makes us call for keys, and must not stop the others by that.
     */
    public Breaker keyCalls(BackendSettings settings) {
        return revision(settings).keys();
    }

    /** A number that becomes another one when the settings become others. */
    public long revisionNumber(BackendSettings settings) {
        return revision(settings).number();
    }

    private Revision revision(BackendSettings settings) {
        Revision current = revision;
        return current != null && current.settings().equals(settings) ? current : renewed(settings);
    }

    private synchronized Revision renewed(BackendSettings settings) {
        Revision former = revision;
        if (former != null && former.settings().equals(settings)) {
            return former;
        }
        forget();
        Breaker tokens = new Breaker(limits);
        Breaker keys = new Breaker(limits);
        Gauges gauges = settings.meters().gauges(waiting::get, tokens::level, keys::level);
        Revision next = new Revision(former == null ? 1 : former.number() + 1, settings, tokens, keys, gauges);
        revision = next;
        return next;
    }

    /** Nobody looks at the backend any more. */
    synchronized void forget() {
        Revision former = revision;
        if (former != null) {
            former.gauges().close();
        }
    }

    /**
     * Looks a key up where a look-up may wait for the provider. One that found its key before does not wait and takes no
     * place; of those that do wait after all, because the key is gone, few get in.
     *
     * @param key what is looked up
     * @throws LimitReachedException when it may have to wait, and there is no place
     */
    public <T> @Nullable T lookUp(Object key, Supplier<@Nullable T> lookup) {
        return knownKeys.contains(key) ? quickly(key, lookup) : inAPlace(key, lookup);
    }

    private <T> @Nullable T quickly(Object key, Supplier<@Nullable T> lookup) {
        try {
            boolean isQuick = quickLookups.incrementAndGet() <= limits.waitingPerBackend();
            return isQuick ? watched(key, lookup) : inAPlace(key, lookup);
        } finally {
            quickLookups.decrementAndGet();
        }
    }

    private <T> @Nullable T inAPlace(Object key, Supplier<@Nullable T> lookup) {
        long start = System.nanoTime();
        // who has begun to wait for the first key is not sent away at the moment when it comes
        Duration patience = hasLookedUp ? PATIENCE : FIRST_PATIENCE;
        Limit reached = take();
        while (reached != null && isWorthWaiting(start, patience)) {
            LockSupport.parkNanos(PAUSE.toNanos());
            if (knownKeys.contains(key) && quickLookups.get() < limits.waitingPerBackend()) {
                return quickly(key, lookup);
            }
            reached = take();
        }
        try (Place place = place(reached)) {
            return watched(key, lookup);
        }
    }

    /**
     * When a provider's keys are loaded anew, many may come at once for them, who need not wait long: a healthy one answers soon.
     * So for a moment, and only while places have not been full for longer than that: nobody piles up before a dead one. The very
     * first look-up may take longer, because a server that has just started does everything for the first time.
     */
    private boolean isWorthWaiting(long start, Duration patience) {
        long now = System.nanoTime();
        long since = fullSince.updateAndGet(former -> former == NEVER ? now : former);
        return now - since < patience.toNanos() && now - start < patience.toNanos();
    }

    /** Keys are being loaded: none can be relied on. */
    public void forgetKeys() {
        knownKeys.clear();
    }

    private <T> @Nullable T watched(Object key, Supplier<@Nullable T> lookup) {
        boolean isFound = false;
        try {
            T found = watch.over(lookup);
            isFound = found != null;
            return found;
        } finally {
            hasLookedUp = true;
            if (!isFound) {
                knownKeys.remove(key);
            } else if (knownKeys.size() < MAX_KNOWN_KEYS) {
                knownKeys.add(key);
            } else {
                knownKeys.clear();
            }
        }
    }
}
