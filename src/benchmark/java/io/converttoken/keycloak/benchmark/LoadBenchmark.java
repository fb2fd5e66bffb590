// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakOnPostgres;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How many conversions a second, beside the grants of Keycloak that do something alike, all in one run and in turns. */
class LoadBenchmark {

    private static final int CONNECTIONS = 8;
    private static final Duration FIRST_TURN = Duration.ofSeconds(2);
    private static final double REQUESTS_A_TURN = 500;

    /** More a second than any server on a few processors creates. */
    private static final int FIRST_TIMES_A_SECOND = 600;

    private static final double TO_V1_ID_TOKEN = 1.10;
    private static final double TO_PASSWORD = 0.95;
    private static final double TO_V1_OPAQUE = 0.95;
    private static final double TO_V1_FIRST = 0.90;

    /** Or the fake provider's answers wait for the other side's acknowledgement. */
    @BeforeAll
    static void letTheProviderAnswerAtOnce() {
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    @Test
    void convertsAsFastAsItsPeers() throws Exception {
        Duration time = Duration.ofSeconds(Settings.number("seconds", 1));
        try (FakeProvider provider = FakeProvider.start();
                KeycloakOnPostgres keycloak = KeycloakOnPostgres.start(
                        Map.of(), List.of("--features=token-exchange,admin-fine-grained-authz:v1"));
                ClosedLoop loop = new ClosedLoop(keycloak, CONNECTIONS)) {
            TestRealm realm = BenchmarkRealm.createIn(keycloak);
            int stock = FIRST_TIMES_A_SECOND * Math.toIntExact(time.toSeconds());
            List<Flow> flows = new Peers(realm, provider, stock)
                    .setUp().stream()
                            .filter(flow -> Settings.names("flows")
                                    .map(names -> names.contains(flow.name()))
                                    .orElse(true))
                            .toList();
            warmUp(flows, loop, Duration.ofSeconds(Settings.number("warmup", 720)));
            report(measure(flows, loop, provider, time));
        }
    }

    /** The compiler counts calls, not seconds: all flows are asked for as often, the slow ones for longer. */
    private static void warmUp(List<Flow> flows, ClosedLoop loop, Duration time)
            throws InterruptedException, ExecutionException {
        Map<Flow, Duration> turns = new LinkedHashMap<>();
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            for (Flow flow : flows) {
                Round turn = loop.run(flow, turns.getOrDefault(flow, FIRST_TURN));
                turns.put(flow, Duration.ofMillis((long) (1000 * REQUESTS_A_TURN / turn.throughput())));
            }
        }
    }

    /** The flows take turns, and in being the first. */
    private static Map<Flow, Medians> measure(List<Flow> flows, ClosedLoop loop, FakeProvider provider, Duration time)
            throws InterruptedException, ExecutionException {
        Map<Flow, List<Round>> rounds = new LinkedHashMap<>();
        flows.forEach(flow -> rounds.put(flow, new ArrayList<>()));
        for (int round = 0; round < Settings.number("rounds", 60); round++) {
            List<Flow> order = new ArrayList<>(flows);
            Collections.rotate(order, round);
            for (Flow flow : order) {
                provider.reset();
                Round result = loop.run(flow, time);
                System.out.println("Round " + (round + 1) + ", " + flow.title() + ": " + result);
                rounds.computeIfAbsent(flow, key -> new ArrayList<>()).add(result);
            }
        }
        Map<Flow, Medians> medians = new LinkedHashMap<>();
        rounds.forEach((flow, results) -> medians.put(flow, new Medians(results)));
        return medians;
    }

    private static void report(Map<Flow, Medians> medians) {
        Report report = new Report("Load");
        report.line("Connections: " + CONNECTIONS
                + ", each asking again as soon as it is answered. Figures are medians of the"
                + " rounds; latencies and processor time in milliseconds, the latter a request.");
        Optional<Medians> v1 = of(Peers.V1_ID_TOKEN, medians);
        report.head("flow", "requests/s", "to V1, ID token", "p50", "p99", "CPU, server", "CPU, database");
        medians.forEach((flow, figures) -> report.row(
                flow.title(),
                Report.figure("%.0f", figures.throughput()),
                v1.map(own -> Report.figure("%.2f", figures.throughput() / own.throughput()))
                        .orElse("–"),
                Report.figure("%.1f", figures.p50()),
                Report.figure("%.1f", figures.p99()),
                Report.figure("%.2f", figures.serverCpu()),
                Report.figure("%.2f", figures.databaseCpu())));
        hold(report, "ID token to V1", Peers.ID_TOKEN, Peers.V1_ID_TOKEN, TO_V1_ID_TOKEN, medians);
        hold(report, "ID token to password", Peers.ID_TOKEN, Peers.PASSWORD, TO_PASSWORD, medians);
        hold(report, "opaque token to V1", Peers.OPAQUE, Peers.V1_OPAQUE, TO_V1_OPAQUE, medians);
        hold(report, "first time to V1", Peers.FIRST, Peers.V1_FIRST, TO_V1_FIRST, medians);
        Map<String, Medians> plotted = new LinkedHashMap<>();
        medians.forEach((flow, figures) -> plotted.put(flow.title().replace("**", ""), figures));
        report.attach("load.svg", LoadPlot.of(plotted)).conclude("load.md");
    }

    private static void hold(
            Report report, String what, String ours, String peer, double limit, Map<Flow, Medians> medians) {
        Optional<Medians> own = of(ours, medians);
        Optional<Medians> other = of(peer, medians);
        if (own.isPresent() && other.isPresent()) {
            report.atLeast(
                    what + ", requests/s", own.get().throughput() / other.get().throughput(), limit);
            report.line("")
                    .line(Report.figure(
                            "%s: processor time, server and database, %.2f of %.2f ms: %.2f",
                            what,
                            own.get().cpu(),
                            other.get().cpu(),
                            own.get().cpu() / other.get().cpu()));
        }
    }

    private static Optional<Medians> of(String name, Map<Flow, Medians> medians) {
        return medians.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(name))
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
