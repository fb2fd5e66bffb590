// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition, within bounds, instead of for a time. */
public final class Await {

    private static final Executor SHORTLY = CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

    private Await() {}

    /** Polls until the condition holds. */
    public static void until(String what, Duration atMost, BooleanSupplier condition) {
        untilPresent(what, atMost, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    /** Polls until there is a value. */
    public static <T> T untilPresent(String what, Duration atMost, Supplier<Optional<T>> source) {
        Instant deadline = Instant.now().plus(atMost);
        Optional<T> value = source.get();
        while (value.isEmpty()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("Not within " + atMost.toSeconds() + " s: " + what);
            }
            CompletableFuture.runAsync(() -> {}, SHORTLY).join();
            value = source.get();
        }
        return value.get();
    }
}
