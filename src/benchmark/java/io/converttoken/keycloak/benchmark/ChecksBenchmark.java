// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import static io.converttoken.keycloak.reason.Checks.step;

import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Finding;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What it costs that the checks of a conversion can be observed, where nobody observes them: the checks of an ID token
 * go through {@link Checks}, with findings that nobody reads, and do nothing else.
 */
class ChecksBenchmark {

    private static final int CONVERSIONS = 500_000;
    private static final int ROUNDS = 9;

    /** A conversion takes about four milliseconds of processor time: this is a thousandth. */
    private static final double MICROSECONDS = 4;

    private long checked;

    @Test
    void unobservedChecksCostNothing() {
        List<Double> rounds = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < CONVERSIONS; i++) {
                convert(i);
            }
            rounds.add((System.nanoTime() - start) / 1e3 / CONVERSIONS);
        }
        Report report = new Report("Checks");
        report.line("Microseconds for the fourteen checks of an ID token where nobody observes them, " + checked
                + " checks in all.");
        report.atMost("fourteen checks, in microseconds", Medians.median(rounds), MICROSECONDS);
        report.conclude("checks.md");
    }

    private void convert(int id) {
        Checks checks = Checks.UNOBSERVED;
        for (Check check :
                List.of(Check.BACKEND, Check.CLIENT, Check.PROVIDER, Check.FORMAT, Check.FORMAT, Check.KIND)) {
            checks.make(check, () -> id, result -> Finding.found(() -> "found " + result));
            checked++;
        }
        checks.inOrder(
                step(Check.ISSUER, () -> finding(id)),
                step(Check.SUBJECT, () -> finding(id)),
                step(Check.VALIDITY, () -> finding(id)),
                step(Check.AGE, () -> finding(id)),
                step(Check.ISSUED_TO, () -> finding(id)),
                step(Check.AUDIENCE, () -> finding(id)),
                step(Check.SIGNATURE, () -> finding(id)),
                step(Check.NONCE, () -> finding(id)));
    }

    private Finding finding(int id) {
        checked++;
        return Finding.of(() -> "expected " + id, () -> "found " + id);
    }
}
