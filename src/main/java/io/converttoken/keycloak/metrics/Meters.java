// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The counters, timers and gauges of one backend or of one realm, in the registry that Keycloak exposes with
 * {@code --metrics-enabled}. Without that option nobody can read them. Every label has few values: those of a realm's
 * configuration, and constants of ours or of Keycloak's. Once the meters are dropped, nothing is counted any more.
 */
public final class Meters {

    private static final Duration[] CALL_BUCKETS = {
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5)
    };

    private final Labels labels;
    private final Set<Meter> registered = new HashSet<>();
    private boolean isDropped;

    Meters(Labels labels) {
        this.labels = labels;
    }

    /** Returns the names under which these meters are registered. */
    public Labels labels() {
        return labels;
    }

    /**
     * Counts a conversion that has come to its end.
     *
     * @param outcome {@code success}, or the error that the realm's event has
     * @param reason the code of the reason in the realm's event, or {@code none}
     */
    public void conversion(String outcome, String reason) {
        count("convert_token.conversions", labels.tags().and("outcome", outcome, "reason", reason));
    }

    /**
     * Counts an attempt to connect an identity to an account.
     *
     * @param outcome {@code success}, or whose fault it is that the identity was not connected
     */
    public void connection(String outcome) {
        count("convert_token.connections", labels.tags().and("outcome", outcome));
    }

    /**
     * Counts a signal of the provider.
     *
     * @param kind in which form it came
     * @param outcome what became of it
     */
    public void signal(String kind, String outcome) {
        count("convert_token.signals", labels.tags().and("kind", kind, "outcome", outcome));
    }

    /** What became of an attempt to revoke something at the provider. */
    public enum Revocation {
        REVOKED,
        FAILED,
        GIVEN_UP
    }

    /** Counts an attempt to revoke something at the provider. */
    public void revocation(Revocation outcome) {
        count("convert_token.revocations", labels.tags().and("outcome", lower(outcome)));
    }

    /** What an invalidation ends. */
    public enum Invalidated {
        SESSIONS,
        REFRESH_TOKENS
    }

    /** Who wants the invalidation. */
    public enum By {
        SELF,
        ADMIN
    }

    /** Counts an invalidation that is in force. */
    public void invalidation(Invalidated what, By by) {
        count("convert_token.invalidations", Tags.of("realm", labels.realm(), "what", lower(what), "by", lower(by)));
    }

    /** The outcome of a call to a provider. */
    public enum CallOutcome {
        ANSWERED,
        FAILED,
        TIMEOUT
    }

    /** Counts and times a call to a provider that has come to its end. */
    public void providerCall(CallOutcome outcome, Duration duration) {
        Timer.Builder timer = Timer.builder("convert_token.provider.calls")
                .description("Calls to providers")
                .tags(labels.tags().and("outcome", lower(outcome)))
                .serviceLevelObjectives(CALL_BUCKETS);
        register(() -> timer.register(registry())).ifPresent(calls -> calls.record(duration));
    }

    /** Why a call to a provider is not made. */
    public enum Limit {
        BACKEND,
        NODE,
        BREAKER
    }

    /** Counts a conversion that was answered without the call to the provider that it needs. */
    public void limited(Limit limit) {
        count("convert_token.provider.rejections", labels.tags().and("limit", lower(limit)));
    }

    /** Counts a conversion that was answered by what the provider had said of the same token before. */
    public void remembered() {
        count("convert_token.refusals.remembered", labels.tags());
    }

    /** Gauges that can be read until they are closed. */
    @FunctionalInterface
    public interface Gauges extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Registers gauges of a backend, which can be read at any time until they are closed.
     *
     * @param waiting conversions that wait for the provider
     * @param tokenCalls the state of the breaker for calls with tokens: 0 closed, 1 trying, 2 open
     * @param keyCalls the same for calls for keys and metadata
     */
    public Gauges gauges(Supplier<Number> waiting, Supplier<Number> tokenCalls, Supplier<Number> keyCalls) {
        List<Gauge> gauges = List.of(
                        gauge("convert_token.provider.waiting", "any", waiting),
                        gauge("convert_token.provider.breaker", "tokens", tokenCalls),
                        gauge("convert_token.provider.breaker", "keys", keyCalls))
                .stream()
                .flatMap(Optional::stream)
                .toList();
        return () -> gauges.forEach(this::remove);
    }

    private Optional<Gauge> gauge(String name, String calls, Supplier<Number> value) {
        Gauge.Builder<Supplier<Number>> gauge = Gauge.builder(name, value)
                .tags(labels.tags().and("calls", calls))
                .strongReference(true);
        return register(() -> gauge.register(registry()));
    }

    private void count(String name, Tags tags) {
        register(() -> registry().counter(name, tags)).ifPresent(Counter::increment);
    }

    private synchronized <M extends Meter> Optional<M> register(Supplier<M> source) {
        if (isDropped) {
            return Optional.empty();
        }
        M meter = source.get();
        registered.add(meter);
        return Optional.of(meter);
    }

    /**
     * Removes a meter unless these meters are dropped, because other meters with the same names may be registered by
     * then.
     */
    private synchronized void remove(Meter meter) {
        if (registered.remove(meter)) {
            registry().remove(meter);
        }
    }

    synchronized void close() {
        isDropped = true;
        registered.forEach(registry()::remove);
        registered.clear();
    }

    private static MeterRegistry registry() {
        return Metrics.globalRegistry;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Returns the names, so that a log can say which backend it is about. */
    @Override
    public String toString() {
        return labels.toString();
    }
}
