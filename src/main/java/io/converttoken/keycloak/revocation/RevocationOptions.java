// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.revocation;

import java.time.Duration;
import org.keycloak.Config;

/**
 * How the node works off revocations, set by options of the server.
 *
 * @param interval how often the node looks for revocations that are due
 * @param firstRetry how long after the first failure a revocation is tried again; each further pause is twice as long
 * @param giveUpAfter how long after its beginning a revocation is given up
 * @param sweepInterval how often some identities are looked at whether they still exist
 * @param sweepGrace how old what is known of an identity must be, because its user may not be stored yet
 */
record RevocationOptions(
        Duration interval, Duration firstRetry, Duration giveUpAfter, Duration sweepInterval, Duration sweepGrace) {

    static RevocationOptions from(Config.Scope options) {
        return new RevocationOptions(
                Duration.ofMillis(number(options, "interval-millis", Duration.ofSeconds(5))),
                Duration.ofMillis(number(options, "first-retry-millis", Duration.ofSeconds(5))),
                Duration.ofMillis(number(options, "give-up-millis", Duration.ofDays(7))),
                Duration.ofMillis(number(options, "sweep-millis", Duration.ofMinutes(1))),
                Duration.ofMillis(number(options, "sweep-grace-millis", Duration.ofMinutes(10))));
    }

    /** @throws IllegalArgumentException when the option has an invalid value; the server does not start then */
    private static long number(Config.Scope options, String name, Duration defaultValue) {
        long value = options.getLong(name, defaultValue.toMillis());
        if (value < 1) {
            throw new IllegalArgumentException("Option " + name + " must be a number, 1 or more");
        }
        return value;
    }
}
