// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts threads that wait too long for work that other code has started. A look-up of keys, for example, joins a
 * look-up of a browser login that is under way, and that one has no deadline. A look-up that does not wait costs only
 * an entry in a map.
 */
final class Watch implements AutoCloseable {

    private static final long TICK_MILLIS = 250;

    private final Map<Waiting, Boolean> waiting = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor ticker = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "convert-token-watch");
        thread.setDaemon(true);
        return thread;
    });
    private final long nanos;

    /** @param limit how long a look-up may take */
    Watch(Duration limit) {
        this.nanos = limit.toNanos();
        ticker.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Makes the look-up on this thread, which is interrupted if it waits too long. */
    <T> @Nullable T over(Supplier<@Nullable T> lookup) {
        Waiting me = new Waiting(Thread.currentThread(), System.nanoTime());
        waiting.put(me, true);
        try {
            return lookup.get();
        } finally {
            waiting.remove(me);
            me.done();
        }
    }

    private void tick() {
        long now = System.nanoTime();
        waiting.keySet().stream().filter(one -> now - one.since > nanos).forEach(Waiting::interrupt);
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }

    /** A waiting thread. It is interrupted while it waits, and never afterwards. */
    private static final class Waiting {

        private enum State {
            WAITS,
            IS_INTERRUPTED,
            WAS_INTERRUPTED,
            IS_DONE
        }

        private final Thread thread;
        private final long since;
        private final AtomicReference<State> state = new AtomicReference<>(State.WAITS);

        private Waiting(Thread thread, long since) {
            this.thread = thread;
            this.since = since;
        }

        private void interrupt() {
            if (state.compareAndSet(State.WAITS, State.IS_INTERRUPTED)) {
                thread.interrupt();
                state.set(State.WAS_INTERRUPTED);
            }
        }

        private void done() {
            if (state.compareAndSet(State.WAITS, State.IS_DONE)) {
                return;
            }
            while (state.get() != State.WAS_INTERRUPTED) {
                Thread.onSpinWait();
            }
            Thread.interrupted(); // the interruption was ours
        }
    }
}
