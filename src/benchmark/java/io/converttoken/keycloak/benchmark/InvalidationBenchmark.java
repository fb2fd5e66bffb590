// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakOnPostgres;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.SecurityEvents;
import io.converttoken.keycloak.testing.TestRealm;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * How long it takes to end the sessions, or the refresh tokens, of a user with few and with many sessions, beside core's own
 * way of ending sessions, all in one run and in turns.
 */
class InvalidationBenchmark {

    private static final String SIZES = "1,10,100,1000,5000";
    private static final int ONE = 1;
    private static final int MANY = 1000;
    private static final int MOST = 5000;

    private static final double SHARE_OF_CORE = 1.0 / 8;
    private static final double TIMES_OF_MANY = 6;

    /** Of one session's few milliseconds, what two medians of the same thing may differ by. */
    private static final double TOLERANCE = 1.1;

    private static final int CONNECTIONS = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** The ways, by the endpoint of each. */
    private enum Way {
        CORE("core's logout"),
        SESSIONS("`invalidate-sessions`"),
        REFRESH_TOKENS("`invalidate-refresh-tokens`"),
        ADMIN_SESSIONS("admin `invalidate-sessions`"),
        ADMIN_REFRESH_TOKENS("admin `invalidate-refresh-tokens`"),
        SIGNAL("a signal");

        private final String title;

        Way(String title) {
            this.title = title;
        }
    }

    private static final double TIMES_OF_SESSIONS = 1.3;

    private static final String BACKEND = "signals";

    @AutoClose
    private final FakeProvider provider = FakeProvider.start();

    /** A user with sessions, and the access token of the last one. */
    private record SignedIn(String userId, String accessToken, Person person) {}

    /** Milliseconds. */
    private record Times(Map<Way, Double> medians) {

        double of(Way way) {
            return Objects.requireNonNull(medians.get(way));
        }

        double toCore(Way way) {
            return of(way) / of(Way.CORE);
        }
    }

    @Test
    void endsFewAndManySessions() throws Exception {
        try (KeycloakOnPostgres keycloak = KeycloakOnPostgres.start(Map.of(), List.of())) {
            TestRealm realm = BenchmarkRealm.createIn(keycloak);
            realm.addOidcProvider(BACKEND, provider)
                    .addConvertTokenMapper(BACKEND, Map.of("signals", "true", "signalScope", "user"));
            warmUp(realm);
            Map<Integer, Times> medians = new LinkedHashMap<>();
            for (int sessions : Settings.numbers("sizes", SIZES)) {
                medians.put(sessions, measure(realm, sessions, rounds(sessions)));
            }
            report(medians);
        }
    }

    private static int rounds(int sessions) {
        int usually = sessions <= 10 ? 15 : sessions <= 100 ? 7 : sessions <= MANY ? 3 : 1;
        return sessions == ONE ? Math.max(Settings.number("rounds", usually), 1) : usually;
    }

    private void warmUp(TestRealm realm) throws Exception {
        measure(realm, 1, Settings.number("warmup", 150));
        measure(realm, 100, 3);
    }

    /** Milliseconds, the median of the rounds; the ways take turns in being the first. */
    private Times measure(TestRealm realm, int sessions, int rounds) throws Exception {
        Map<Way, List<Double>> times = new EnumMap<>(Way.class);
        for (int round = 0; round < rounds; round++) {
            List<Way> order = new ArrayList<>(List.of(Way.values()));
            Collections.rotate(order, round);
            for (Way way : order) {
                times.computeIfAbsent(way, key -> new ArrayList<>()).add(time(realm, way, sessions));
            }
        }
        Map<Way, Double> medians = new EnumMap<>(Way.class);
        times.forEach((way, values) -> medians.put(way, Medians.median(values)));
        System.out.println(sessions + " sessions, " + rounds + " rounds: " + medians);
        return new Times(medians);
    }

    private double time(TestRealm realm, Way way, int sessions) throws Exception {
        SignedIn user = signIn(realm, sessions);
        HttpRequest request = request(realm, way, user);
        long start = System.nanoTime();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        double milliseconds = (System.nanoTime() - start) / 1e6;
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(way + " answered " + answer.statusCode() + " " + answer.body());
        }
        if (way == Way.REFRESH_TOKENS || way == Way.ADMIN_REFRESH_TOKENS) {
            // what is left would be in the way of the next
            send(request(realm, Way.ADMIN_SESSIONS, user));
        }
        return milliseconds;
    }

    private HttpRequest request(TestRealm realm, Way way, SignedIn user) {
        return switch (way) {
            case CORE -> admin(realm, "/users/" + user.userId() + "/logout", "{}", "application/json");
            case SESSIONS -> selfService(realm, "invalidate-sessions", user);
            case REFRESH_TOKENS -> selfService(realm, "invalidate-refresh-tokens", user);
            case ADMIN_SESSIONS -> ours(realm, "invalidate-sessions", user);
            case ADMIN_REFRESH_TOKENS -> ours(realm, "invalidate-refresh-tokens", user);
            case SIGNAL -> signal(realm, user);
        };
    }

    /** A security event about the person, who is linked to the backend. */
    private HttpRequest signal(TestRealm realm, SignedIn user) {
        String token =
                SecurityEvents.sessionRevoked(provider, user.person().subject()).mint();
        return post(realm.uri("/auth/signals/" + BACKEND), "none", token, "application/secevent+jwt");
    }

    private static HttpRequest selfService(TestRealm realm, String endpoint, SignedIn user) {
        return post(
                realm.uri("/auth/" + endpoint),
                user.accessToken(),
                "client_id=" + TestRealm.APP.clientId(),
                "application/x-www-form-urlencoded");
    }

    private static HttpRequest ours(TestRealm realm, String endpoint, SignedIn user) {
        return admin(
                realm,
                "/auth/users/" + user.userId() + "/" + endpoint,
                "client_id=" + TestRealm.APP.clientId(),
                "application/x-www-form-urlencoded");
    }

    private static HttpRequest admin(TestRealm realm, String path, String body, String type) {
        URI uri = realm.keycloak().base().resolve("/admin/realms/" + realm.name() + path);
        return post(uri, realm.admin().accessToken(), body, type);
    }

    private static HttpRequest post(URI uri, String bearer, String body, String type) {
        return HttpRequest.newBuilder(uri)
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + bearer)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private void send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(request + " answered " + answer.statusCode());
        }
    }

    private static SignedIn signIn(TestRealm realm, int sessions) throws Exception {
        Person person = Person.unknown();
        String userId = realm.admin()
                .createUser(
                        realm.name(),
                        Map.of(
                                "username",
                                person.username(),
                                "enabled",
                                true,
                                "email",
                                person.email(),
                                "firstName",
                                person.givenName(),
                                "lastName",
                                person.familyName(),
                                "credentials",
                                List.of(Map.of("type", "password", "value", person.username()))));
        ExecutorService connections = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            List<Future<Answer>> answers = IntStream.range(0, sessions)
                    .mapToObj(i -> connections.submit(() -> realm.signIn(TestRealm.APP, person)))
                    .toList();
            Answer last = answers.get(0).get();
            for (Future<Answer> answer : answers) {
                last = answer.get();
            }
            realm.admin().addFederatedIdentity(realm.name(), person.username(), BACKEND, person);
            return new SignedIn(userId, last.accessToken(), person);
        } finally {
            connections.shutdown();
        }
    }

    private static void report(Map<Integer, Times> medians) {
        Report report = new Report("Invalidation");
        report.line("Milliseconds at the HTTP client, medians; in brackets the share of core's time.");
        List<String> head = new ArrayList<>(List.of("sessions", "rounds"));
        for (Way way : Way.values()) {
            head.add(way.title);
        }
        report.head(head.toArray());
        medians.forEach((sessions, times) -> {
            List<String> row = new ArrayList<>(List.of(sessions.toString(), String.valueOf(rounds(sessions))));
            for (Way way : Way.values()) {
                String share = way == Way.CORE ? "" : Report.figure(" (%.3f)", times.toCore(way));
                row.add(Report.figure("%.1f", times.of(way)) + share);
            }
            report.row(row.toArray());
        });
        for (Way way : Way.values()) {
            if (way != Way.CORE) {
                hold(report, way, medians);
            }
        }
        Optional.ofNullable(medians.get(MOST))
                .ifPresent(times -> report.atMost(
                        "a signal to `invalidate-sessions`, 5000 sessions",
                        times.of(Way.SIGNAL) / times.of(Way.SESSIONS),
                        TIMES_OF_SESSIONS));
        report.conclude("invalidation.md");
    }

    private static void hold(Report report, Way way, Map<Integer, Times> medians) {
        Optional<Times> one = Optional.ofNullable(medians.get(ONE));
        Optional<Times> many = Optional.ofNullable(medians.get(MANY));
        Optional<Times> most = Optional.ofNullable(medians.get(MOST));
        one.ifPresent(times -> report.atMost(way.title + ", one session, to core's", times.toCore(way), TOLERANCE));
        most.ifPresent(
                times -> report.atMost(way.title + ", 5000 sessions, to core's", times.toCore(way), SHARE_OF_CORE));
        if (most.isPresent() && many.isPresent()) {
            double growth = most.get().of(way) / many.get().of(way);
            report.atMost(way.title + ", 5000 sessions to 1000", growth, TIMES_OF_MANY);
        }
    }
}
