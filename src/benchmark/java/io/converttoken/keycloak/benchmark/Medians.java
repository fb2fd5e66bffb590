// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** What a flow did in several rounds: of each figure the median. */
record Medians(List<Round> rounds) {

    Medians {
        rounds = List.copyOf(rounds);
    }

    double throughput() {
        return of(Round::throughput);
    }

    double slowest() {
        return rounds.stream().mapToDouble(Round::throughput).min().orElseThrow();
    }

    double fastest() {
        return rounds.stream().mapToDouble(Round::throughput).max().orElseThrow();
    }

    double p50() {
        return of(Round::p50);
    }

    double p99() {
        return of(Round::p99);
    }

    double serverCpu() {
        return of(Round::serverCpu);
    }

    double databaseCpu() {
        return of(Round::databaseCpu);
    }

    double cpu() {
        return of(Round::cpu);
    }

    private double of(ToDoubleFunction<Round> figure) {
        return median(rounds.stream().map(figure::applyAsDouble).toList());
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
