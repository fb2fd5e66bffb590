package io.converttoken.keycloak.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * What is counted and timed, in the registry that Keycloak exposes with {@code --metrics-enabled}; where it does not, nobody
 * hears of it. Every label has few values: those of a realm's configuration, and constants of ours or of Keycloak's.
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

    private Meters() {}

    /**
     * A conversion has come to its end.
     *
     * @param outcome {@code success}, or the error that the realm's event has
     */
    public static void conversion(Labels labels, String outcome) {
        registry()
                .counter("convert_token.conversions", labels.tags().and("outcome", outcome))
                .increment();
    }

    /**
     * The same for an identity that somebody wants to connect to their account.
     *
     * @param outcome {@code success}, or whose fault it is that it was not connected
     */
    public static void connection(Labels labels, String outcome) {
        registry()
                .counter("convert_token.connections", labels.tags().and("outcome", outcome))
                .increment();
    }

    /** What an invalidation ends. */
    public enum Invalidated {
        SESSIONS,
        REFRESH_TOKENS
    }

    /** Who wants it. */
    public enum By {
        SELF,
        ADMIN
    }

    /** An invalidation is in force. */
    public static void invalidation(String realm, Invalidated what, By by) {
        registry()
                .counter("convert_token.invalidations", "realm", realm, "what", lower(what), "by", lower(by))
                .increment();
    }

    /** What became of a call to a provider. */
    public enum CallOutcome {
        ANSWERED,
        FAILED,
        TIMEOUT
    }

    /** A call to a provider has come to its end. */
    public static void providerCall(Labels labels, CallOutcome outcome, Duration duration) {
        Timer.builder("convert_token.provider.calls")
                .description("Calls to providers")
                .tags(labels.tags().and("outcome", lower(outcome)))
                .serviceLevelObjectives(CALL_BUCKETS)
                .register(registry())
                .record(duration);
    }

    /** Why a call to a provider is not made. */
    public enum Limit {
        BACKEND,
        NODE,
        BREAKER
    }

    /** A conversion was answered without the call to the provider that it needs. */
    public static void limited(Labels labels, Limit limit) {
        registry()
                .counter("convert_token.provider.rejections", labels.tags().and("limit", lower(limit)))
                .increment();
    }

    /** A conversion was answered by what the provider had said of the same token before. */
    public static void remembered(Labels labels) {
        registry().counter("convert_token.refusals.remembered", labels.tags()).increment();
    }

    /** What is looked at until it is closed. */
    @FunctionalInterface
    public interface Gauges extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * What can be looked at any time of a backend, until it is closed.
     *
     * @param waiting conversions that wait for the provider
     * @param tokenCalls the state of the breaker for calls with tokens: 0 closed, 1 trying, 2 open
     * @param keyCalls the same for calls for keys and metadata
     */
    public static Gauges backend(
            Labels labels, Supplier<Number> waiting, Supplier<Number> tokenCalls, Supplier<Number> keyCalls) {
        List<Meter> gauges = List.of(
                gauge("convert_token.provider.waiting", labels, "any", waiting),
                gauge("convert_token.provider.breaker", labels, "tokens", tokenCalls),
                gauge("convert_token.provider.breaker", labels, "keys", keyCalls));
        return () -> gauges.forEach(registry()::remove);
    }

    private static Meter gauge(String name, Labels labels, String calls, Supplier<Number> value) {
        return Gauge.builder(name, value)
                .tags(labels.tags().and("calls", calls))
                .strongReference(true)
                .register(registry());
    }

    private static MeterRegistry registry() {
        return Metrics.globalRegistry;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(java.util.Locale.ROOT);
    }
}
