// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import java.time.Duration;
import org.keycloak.Config;

/**
 * The limits of one node, set by options of the server.
 *
 * @param waitingPerBackend how many conversions of one backend may wait for its provider at a time
 * @param waitingPerNode the same for all backends of the node together
 * @param providerDeadline how long all calls of one conversion to the provider may take together
 * @param breakerFailures how many calls {@code breakerWindow} must contain; if half of them failed, no more calls are
 *     made
 * @param breakerWindow how far back failures count
 * @param breakerPause how long no calls are made before one is tried
 * @param refusalMemory how long a provider's refusal of a token is remembered; zero for not at all
 * @param failuresPerMinute how many conversions of one backend may fail per minute for one client address; 0 for no
 *     limit
 */
public record Limits(
        int waitingPerBackend,
        int waitingPerNode,
        Duration providerDeadline,
        int breakerFailures,
        Duration breakerWindow,
        Duration breakerPause,
        Duration refusalMemory,
        int failuresPerMinute) {

    /** This is a part of the 50 threads that a Keycloak on two cores works with. */
    private static final int WAITING_PER_BACKEND = 10;

    private static final int WAITING_PER_NODE = 20;
    private static final int PROVIDER_DEADLINE_MILLIS = 5_000;
    private static final int BREAKER_FAILURES = 5;
    private static final int BREAKER_WINDOW_SECONDS = 30;
    private static final int BREAKER_PAUSE_SECONDS = 10;
    private static final int REFUSAL_MEMORY_SECONDS = 60;
    private static final int FAILURES_PER_MINUTE = 60;

    /** The limits that hold if the server's options say nothing. */
    public static final Limits DEFAULT = new Limits(
            WAITING_PER_BACKEND,
            WAITING_PER_NODE,
            Duration.ofMillis(PROVIDER_DEADLINE_MILLIS),
            BREAKER_FAILURES,
            Duration.ofSeconds(BREAKER_WINDOW_SECONDS),
            Duration.ofSeconds(BREAKER_PAUSE_SECONDS),
            Duration.ofSeconds(REFUSAL_MEMORY_SECONDS),
            FAILURES_PER_MINUTE);

    /**
     * Reads the options of a provider factory.
     *
     * @throws IllegalArgumentException when an option has an invalid value; the server does not start then
     */
    public static Limits from(Config.Scope options) {
        return new Limits(
                number(options, "waiting-per-backend", WAITING_PER_BACKEND, 1),
                number(options, "waiting-per-node", WAITING_PER_NODE, 1),
                Duration.ofMillis(number(options, "provider-deadline-millis", PROVIDER_DEADLINE_MILLIS, 1)),
                number(options, "breaker-failures", BREAKER_FAILURES, 1),
                Duration.ofSeconds(number(options, "breaker-window-seconds", BREAKER_WINDOW_SECONDS, 1)),
                Duration.ofSeconds(number(options, "breaker-pause-seconds", BREAKER_PAUSE_SECONDS, 1)),
                Duration.ofSeconds(number(options, "refusal-memory-seconds", REFUSAL_MEMORY_SECONDS, 0)),
                number(options, "failures-per-minute", FAILURES_PER_MINUTE, 0));
    }

    private static int number(Config.Scope options, String name, int defaultValue, int atLeast) {
        String text = options.get(name);
        if (text == null || text.isBlank()) {
            return defaultValue;
        }
        try {
            int value = Integer.parseInt(text.trim());
            if (value >= atLeast) {
                return value;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new IllegalArgumentException("Option " + name + " must be a number, " + atLeast + " or more");
    }
}
