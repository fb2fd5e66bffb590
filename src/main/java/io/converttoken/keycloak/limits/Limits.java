// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import java.time.Duration;
import org.keycloak.Config;

/**
 * The limits of one node, set by options of the server.
 *
 * @param waitingPerBackend conversions of one backend that may wait for its provider at a time
 * @param waitingPerNode the same for all backends of the node together
 * @param providerDeadline what all calls to the provider of one conversion may take together
 * @param breakerFailures calls within {@code breakerWindow} of which half must fail before no more are made
 * @param breakerWindow how far back failures count
 * @param breakerPause how long no calls are made until one is tried
 * @param refusalMemory how long a provider's refusal of a token is remembered; zero for not at all
 * @param failuresPerMinute conversions of one backend that may fail a minute for one client address; 0 for any number
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

    /** A part of the 50 threads that a Keycloak on two cores works with. */
    private static final int WAITING_PER_BACKEND = 10;

    private static final int WAITING_PER_NODE = 20;
    private static final int PROVIDER_DEADLINE_MILLIS = 5_000;
    private static final int BREAKER_FAILURES = 5;
    private static final int BREAKER_WINDOW_SECONDS = 30;
    private static final int BREAKER_PAUSE_SECONDS = 10;
    private static final int REFUSAL_MEMORY_SECONDS = 60;
    private static final int FAILURES_PER_MINUTE = 60;

    /** What holds where the server's options say nothing. */
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
     * @throws IllegalArgumentException when a value is not one of its option: the server does not start
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
            // said below
        }
        throw new IllegalArgumentException("Option " + name + " must be a number, " + atLeast + " or more");
    }
}
