// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import io.converttoken.keycloak.metrics.Meters.Limit;
import io.converttoken.keycloak.reason.ReasonCode;
import io.opentelemetry.context.Context;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes calls on threads of their own, so that the thread that waits for a call can stop waiting in time. A call that
 * waits for a name server cannot be interrupted, and an HTTP client has no time-out for the whole call.
 */
final class CallThreads implements AutoCloseable {

    private static final long IDLE_SECONDS = 30;
    private static final long RETRY_AFTER = 2;

    private final ThreadPoolExecutor threads;

    CallThreads(int atMost) {
        AtomicLong number = new AtomicLong();
        this.threads =
                new ThreadPoolExecutor(0, atMost, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "convert-token-call-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    thread.setContextClassLoader(CallThreads.class.getClassLoader());
                    return thread;
                });
    }

    /**
     * Makes a call within the budget and takes from the budget what it took.
     *
     * @param abort ends the call when nobody waits for it any longer
     * @throws InterruptedIOException when the budget is spent
     * @throws LimitReachedException when calls that cannot be ended hold all threads
     */
    <T> T within(TimeBudget budget, Callable<T> call, Runnable abort) throws IOException {
        if (budget.isSpent()) {
            throw new InterruptedIOException("no time is left");
        }
        long start = System.nanoTime();
        Future<T> future = start(call);
        try {
            return future.get(budget.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new InterruptedIOException("no answer in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            throw asIs(e);
        } finally {
            budget.spend(System.nanoTime() - start);
            if (!future.isDone()) {
                future.cancel(true);
                abort.run();
            }
        }
    }

    private <T> Future<T> start(Callable<T> call) {
        try {
            return threads.submit(Context.current().wrap(call));
        } catch (RejectedExecutionException e) {
            throw new LimitReachedException(Limit.NODE, ReasonCode.CALLS_HANG, RETRY_AFTER);
        }
    }

    private static IOException asIs(ExecutionException failed) {
        Throwable cause = failed.getCause();
        if (cause instanceof RuntimeException runtime) {
            throw runtime;
        }
        return cause instanceof IOException io ? io : new IOException(cause);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
