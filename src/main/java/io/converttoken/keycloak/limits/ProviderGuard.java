// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import dev.failsafe.Bulkhead;
import io.converttoken.keycloak.metrics.Meters.Gauges;
import io.converttoken.keycloak.metrics.Meters.Limit;
import io.converttoken.keycloak.reason.ReasonCode;
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

/** The limits for the calls of this node to one backend's provider, and what the node knows of the provider. */
public final class ProviderGuard {

    private static final long RETRY_AFTER = 2;

    private static final Duration PATIENCE = Duration.ofMillis(200);
    private static final Duration FIRST_PATIENCE = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final long NEVER = Long.MIN_VALUE;

    /** A provider has few keys. If more are known, most of them are former keys. */
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

    /** What this node knows of the provider as long as nobody changes the backend's settings. */
    private record Revision(
            long number, BackendSettings settings, Breaker tokens, Breaker keys, Breaker changes, Gauges gauges) {}

    /** A place among the conversions that wait for the provider. */
    @FunctionalInterface
    public interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Takes a place without waiting for one, because Failsafe 3.3.2 loses a place for each wait that times out.
     *
     * @throws LimitReachedException when no place is free
     */
    public Place enter() {
        return place(take());
    }

    private Place place(@Nullable Limit reached) {
        if (reached == null) {
            return this::leave;
        }
        throw new LimitReachedException(reached, ReasonCode.TOO_MANY_WAITING, RETRY_AFTER);
    }

    /** Takes a place, or returns the limit that was reached. */
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

    /** Returns a fresh budget for the calls of one conversion. */
    public TimeBudget budget() {
        return new TimeBudget(limits.providerDeadline());
    }

    /** Makes a call on another thread, see {@link CallThreads#within}. */
    public <T> T call(TimeBudget budget, Callable<T> call, Runnable abort) throws IOException {
        return calls.within(budget, call, abort);
    }

    /** Returns the breaker for calls with tokens. When the settings change, a new breaker takes its place. */
    public Breaker tokenCalls(BackendSettings settings) {
        return revision(settings).tokens();
    }

    /**
     * Returns the breaker for calls without a token, which fetch keys and metadata. A token that is signed with an
     * unknown key makes us call for keys, and such tokens must not stop the calls with other tokens.
     */
    public Breaker keyCalls(BackendSettings settings) {
        return revision(settings).keys();
    }

    /**
     * Returns the breaker for calls that change something at the provider, because nobody waits for them, and their
     * failures must not stop conversions.
     */
    public Breaker changeCalls(BackendSettings settings) {
        return revision(settings).changes();
    }

    /** Returns a number that changes when the settings change. */
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
        Breaker changes = new Breaker(limits);
        Gauges gauges = settings.meters().gauges(waiting::get, tokens::level, keys::level);
        Revision next = new Revision(former == null ? 1 : former.number() + 1, settings, tokens, keys, changes, gauges);
        revision = next;
        return next;
    }

    /** Closes the gauges when the settings change or the backend is no longer used. */
    synchronized void forget() {
        Revision former = revision;
        if (former != null) {
            former.gauges().close();
        }
    }

    /**
     * Looks up a key where a look-up may wait for the provider. A look-up that waits needs a place. A look-up for a key
     * that was found before does not wait and takes no place. Only a few such look-ups may run at a time without a
     * place, because they wait after all if the key is gone.
     *
     * @param key what is looked up
     * @throws LimitReachedException when the look-up may have to wait, and no place is free
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
        // a look-up that has begun to wait for the first key is not refused at the moment when the key comes
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
     * Returns whether a look-up should go on waiting for a place. When a provider's keys are loaded anew, many look-ups
     * may need them at once. They need not wait long, because a healthy provider answers soon. They wait for a moment,
     * and only while the places have not been full for longer than that, so that look-ups do not pile up before a dead
     * provider. The very first look-up may take longer, because a server that has just started does everything for the
     * first time.
     */
    private boolean isWorthWaiting(long start, Duration patience) {
        long now = System.nanoTime();
        long since = fullSince.updateAndGet(former -> former == NEVER ? now : former);
        return now - since < patience.toNanos() && now - start < patience.toNanos();
    }

    /** Forgets which keys were found, because keys are being loaded and none can be relied on. */
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
