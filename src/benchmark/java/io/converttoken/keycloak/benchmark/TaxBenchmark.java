// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.KeycloakOnPostgres;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What the JAR costs those who do not use it: what every client does, on a server with it and on one without, each over a
 * PostgreSQL of its own, in turns.
 */
class TaxBenchmark {

    private static final int CONNECTIONS = 8;

    /** So many that hardly a session is refreshed twice in one second, of which Keycloak would store the first alone. */
    private static final int PEOPLE = Settings.number("people", 1000);

    private static final double THROUGHPUT = 0.97;
    private static final double PROCESSOR_TIME = 1.03;

    /** A server, and what it is asked. */
    private record Side(ClosedLoop loop, Map<String, Flow> flows) {

        Side {
            flows = Collections.unmodifiableMap(flows);
        }

        static Side of(KeycloakOnPostgres keycloak, ClosedLoop loop) {
            return new Side(loop, asked(BenchmarkRealm.createIn(keycloak)));
        }

        Round run(String flow, Duration time) throws InterruptedException, ExecutionException {
            return loop.run(Objects.requireNonNull(flows.get(flow)), time);
        }
    }

    /** The rounds of both, one after the other. */
    private record Pair(Round stock, Round ours) {

        double ratio(ToDoubleFunction<Round> figure) {
            return figure.applyAsDouble(ours) / figure.applyAsDouble(stock);
        }
    }

    /** Servers are started anew several times: what a JVM makes of the same code differs by some hundredths from start to start. */
    @Test
    void costsOthersNothing() throws Exception {
        Map<String, List<Pair>> pairs = new LinkedHashMap<>();
        for (int start = 0; start < Settings.number("starts", 3); start++) {
            measureNewServers(pairs);
        }
        report(pairs);
    }

    private static void measureNewServers(Map<String, List<Pair>> pairs) throws Exception {
        try (KeycloakOnPostgres with = KeycloakOnPostgres.start(Map.of(), List.of());
                KeycloakOnPostgres without = KeycloakOnPostgres.startStock(Map.of());
                ClosedLoop ourLoop = new ClosedLoop(with, CONNECTIONS);
                ClosedLoop stockLoop = new ClosedLoop(without, CONNECTIONS)) {
            Side ours = Side.of(with, ourLoop);
            Side stock = Side.of(without, stockLoop);
            List<String> flows = ours.flows().keySet().stream()
                    .filter(flow -> Settings.names("flows")
                            .map(names -> names.contains(flow))
                            .orElse(true))
                    .toList();
            warmUp(flows, stock, ours);
            measure(flows, stock, ours, pairs);
        }
    }

    private static void warmUp(List<String> flows, Side stock, Side ours)
            throws InterruptedException, ExecutionException {
        long end = System.nanoTime()
                + Duration.ofSeconds(Settings.number("warmup", 180)).toNanos();
        while (System.nanoTime() < end) {
            for (String flow : flows) {
                stock.run(flow, Duration.ofSeconds(1));
                ours.run(flow, Duration.ofSeconds(1));
            }
        }
    }

    /** The two take turns in being the first. */
    private static void measure(List<String> flows, Side stock, Side ours, Map<String, List<Pair>> pairs)
            throws InterruptedException, ExecutionException {
        Duration time = Duration.ofSeconds(Settings.number("seconds", 2));
        for (int round = 0; round < Settings.number("rounds", 9); round++) {
            for (String flow : flows) {
                Pair pair;
                if (round % 2 == 0) {
                    Round first = stock.run(flow, time);
                    pair = new Pair(first, ours.run(flow, time));
                } else {
                    Round first = ours.run(flow, time);
                    pair = new Pair(stock.run(flow, time), first);
                }
                System.out.println("Round " + (round + 1) + ", " + flow + ": " + pair);
                pairs.computeIfAbsent(flow, key -> new ArrayList<>()).add(pair);
            }
        }
    }

    private static void report(Map<String, List<Pair>> pairs) {
        String sessions = System.getProperty("keycloak.sessions", "cached");
        Report report = new Report("Tax, sessions " + sessions);
        report.line(
                "Connections: " + CONNECTIONS + ", each asking again as soon as it is answered. Figures are medians;"
                        + " ratios are those of two rounds that followed each other. Processor time in milliseconds a request.");
        report.head("flow", "requests/s, stock", "with the JAR", "CPU, stock", "with the JAR", "of it the database");
        pairs.forEach((flow, rounds) -> {
            Medians stock = new Medians(rounds.stream().map(Pair::stock).toList());
            Medians ours = new Medians(rounds.stream().map(Pair::ours).toList());
            report.row(
                    flow,
                    Report.figure("%.0f", stock.throughput()),
                    Report.figure("%.0f", ours.throughput()),
                    Report.figure("%.3f (%.3f)", stock.cpu(), stock.databaseCpu()),
                    Report.figure("%.3f", ours.cpu()),
                    Report.figure("%.3f", ours.databaseCpu()));
            report.atLeast(flow + ", requests/s to stock", ratio(rounds, Round::throughput), THROUGHPUT);
            report.atMost(flow + ", processor time to stock", ratio(rounds, Round::cpu), PROCESSOR_TIME);
        });
        report.conclude("tax-" + sessions + ".md");
    }

    private static double ratio(List<Pair> rounds, ToDoubleFunction<Round> figure) {
        return Medians.median(rounds.stream().map(pair -> pair.ratio(figure)).toList());
    }

    // what is asked

    private static Map<String, Flow> asked(TestRealm realm) {
        List<Person> people = IntStream.range(0, PEOPLE)
                .mapToObj(i -> Person.named("user-" + i))
                .toList();
        people.parallelStream().forEach(realm::addUser);
        List<Map<String, String>> passwords =
                people.stream().map(TaxBenchmark::password).toList();
        List<JsonNode> tokens = passwords.parallelStream()
                .map(form -> realm.tokenEndpoint()
                        .params(form)
                        .param("scope", "openid")
                        .post()
                        .expect(200)
                        .json())
                .toList();
        Map<String, Flow> flows = new LinkedHashMap<>();
        flows.put("password", flow("password", realm, "/token", passwords));
        flows.put("refresh", flow("refresh", realm, "/token", refreshing(passwords, realm)));
        flows.put(
                "introspection",
                flow(
                        "introspection",
                        realm,
                        "/token/introspect",
                        tokens.stream()
                                .map(token ->
                                        form("token", token.path("access_token").asText()))
                                .toList()));
        flows.put(
                "userinfo",
                flow(
                        "userinfo",
                        realm,
                        "/userinfo",
                        tokens.stream()
                                .map(token -> Map.of(
                                        "access_token",
                                        token.path("access_token").asText()))
                                .toList()));
        return flows;
    }

    private static List<Map<String, String>> refreshing(List<Map<String, String>> passwords, TestRealm realm) {
        return passwords.parallelStream()
                .map(form ->
                        realm.tokenEndpoint().params(form).post().expect(200).json())
                .map(token -> form(
                        "grant_type",
                        "refresh_token",
                        "refresh_token",
                        token.path("refresh_token").asText()))
                .toList();
    }

    private static Flow flow(String name, TestRealm realm, String path, List<Map<String, String>> forms) {
        return Flow.repeating(name, name, realm.uri("/protocol/openid-connect" + path), forms);
    }

    private static Map<String, String> password(Person person) {
        return form("grant_type", "password", "username", person.username(), "password", person.username());
    }

    private static Map<String, String> form(String... namesAndValues) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("client_id", TestRealm.APP.clientId());
        form.put("client_secret", TestRealm.APP.secret().orElseThrow());
        for (int i = 0; i < namesAndValues.length; i += 2) {
            form.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return form;
    }
}
