// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakOnPostgres;
import io.converttoken.keycloak.testing.TestRealm;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Minutes of everything at once, with a provider that is slow or gone now and then: nothing is answered that should not be,
 * and nothing is held on to.
 */
class SoakBenchmark {

    private static final int CONNECTIONS = 8;
    private static final int SAMPLES = 12;

    /** Caches fill up; they are kept small, so that they are full before the first sample and a leak would show. */
    private static final List<String> SMALL_CACHES = List.of(
            "--cache-embedded-sessions-max-count=500",
            "--cache-embedded-client-sessions-max-count=500",
            "--cache-embedded-users-max-count=500");

    /** Of the heap's median in the first half of the samples, what that of the second may be more. */
    private static final double GROWTH = 1.10;

    private static final int MORE_THREADS = 10;

    @BeforeAll
    static void letTheProviderAnswerAtOnce() {
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    @Test
    void holdsOnToNothing() throws Exception {
        Duration time = Duration.ofMinutes(Settings.number("minutes", 10));
        try (FakeProvider provider = FakeProvider.start();
                KeycloakOnPostgres keycloak = KeycloakOnPostgres.start(Map.of(), SMALL_CACHES)) {
            TestRealm realm = BenchmarkRealm.createIn(keycloak);
            for (String backend : List.of(Visitor.BACKEND, Visitor.REFUSING_BACKEND)) {
                realm.addOidcProvider(backend, provider);
                realm.addConvertTokenMapper(backend, Map.of("allowedClients", TestRealm.APP.clientId()));
            }
            Tally tally = new Tally();
            List<Vitals> samples = soak(keycloak, realm, provider, tally, time);
            report(samples, tally, keycloak, time);
        }
    }

    private static List<Vitals> soak(
            KeycloakOnPostgres keycloak, TestRealm realm, FakeProvider provider, Tally tally, Duration time)
            throws Exception {
        // a quarter of the time more, before the first sample
        long end = System.nanoTime() + time.toNanos() * 5 / 4;
        ExecutorService visitors = Executors.newFixedThreadPool(CONNECTIONS);
        ScheduledExecutorService faults = Executors.newSingleThreadScheduledExecutor();
        try {
            List<Future<?>> visits = new ArrayList<>();
            IntStream.range(0, CONNECTIONS)
                    .forEach(number -> visits.add(visitors.submit(() -> {
                        Visitor visitor = new Visitor(realm, provider, tally, number);
                        while (System.nanoTime() < end) {
                            visitor.visit();
                        }
                    })));
            AtomicInteger turn = new AtomicInteger();
            faults.scheduleWithFixedDelay(() -> disturb(provider, turn.getAndIncrement()), 5, 5, TimeUnit.SECONDS);
            List<Vitals> samples = samples(keycloak, provider, time);
            for (Future<?> visit : visits) {
                visit.get();
            }
            return samples;
        } finally {
            faults.shutdownNow();
            visitors.shutdownNow();
        }
    }

    /** Five seconds each: slow, in order, in order, gone, in order, in order, and so on. */
    private static void disturb(FakeProvider provider, int turn) {
        provider.reset();
        switch (turn % 6) {
            case 0 -> provider.introspection().holds(Duration.ofSeconds(2));
            case 3 -> provider.introspection().answersStatus(503);
            default -> {}
        }
    }

    private static List<Vitals> samples(KeycloakOnPostgres keycloak, FakeProvider provider, Duration time)
            throws IOException, InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos() / 4);
        List<Vitals> samples = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            TimeUnit.NANOSECONDS.sleep(time.toNanos() / SAMPLES);
            Vitals vitals = Vitals.of(keycloak, provider.uri("").getPort());
            System.out.println(vitals);
            samples.add(vitals);
        }
        return samples;
    }

    private static void report(List<Vitals> samples, Tally tally, KeycloakOnPostgres keycloak, Duration time) {
        Report report = new Report("Soak");
        report.line("Minutes: " + time.toMinutes() + ", after a quarter of that to warm up; connections: " + CONNECTIONS
                + ".");
        report.head("answers", "");
        tally.counts().forEach((what, count) -> report.row(what, count.sum()));
        report.head("heap after full collection, MB", "threads", "connections to the provider", "to the database");
        samples.forEach(sample -> report.row(
                Report.figure("%.1f", sample.heap()),
                sample.threads(),
                sample.providerConnections(),
                sample.databaseConnections()));
        List<String> errors = keycloak.server()
                .log()
                .lines()
                .filter(line -> line.contains(" ERROR "))
                .toList();
        if (!tally.unexpected().isEmpty() || !errors.isEmpty()) {
            report.line("").line("```");
            tally.unexpected().stream().limit(20).forEach(report::line);
            errors.stream().limit(20).forEach(report::line);
            report.line("```");
        }
        List<Vitals> early = samples.subList(0, samples.size() / 2);
        List<Vitals> late = samples.subList(samples.size() / 2, samples.size());
        report.atMost("unexpected answers", tally.unexpected().size(), 0);
        report.atMost("errors in the server's log", errors.size(), 0);
        report.atMost("heap, second half to first", heap(late) / heap(early), GROWTH);
        report.atMost("threads more than at first", threads(late) - threads(early), MORE_THREADS);
        report.atMost(
                "connections to the provider",
                samples.stream().mapToInt(Vitals::providerConnections).max().orElseThrow(),
                2 * CONNECTIONS);
        report.conclude("soak.md");
    }

    private static double heap(List<Vitals> samples) {
        return Medians.median(samples.stream().map(Vitals::heap).toList());
    }

    private static int threads(List<Vitals> samples) {
        return samples.stream().mapToInt(Vitals::threads).max().orElseThrow();
    }
}
