// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Flood;
import io.converttoken.keycloak.testing.Flood.Body;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Strangers send what is to be refused, again and again, to a server with its limits as they are by default: it neither
 * stumbles nor ends, and others go on signing in. How long the flood lasts says {@code -Dflood.seconds=N}.
 */
class FloodIT {

    private static final Duration CALM = Duration.ofSeconds(10);
    private static final Duration FLOOD = Duration.ofSeconds(Integer.getInteger("flood.seconds", 15));
    private static final Duration SHORT = Duration.ofSeconds(5);
    private static final Duration SETTLED = Duration.ofSeconds(30);
    private static final int CONNECTIONS = 40;
    private static final int AGAIN_AND_AGAIN = 15;

    @AutoClose
    @SuppressWarnings("NullAway.Init")
    private static KeycloakServer server;

    @SuppressWarnings("NullAway.Init")
    private static TestRealm realm;

    @AutoClose
    @SuppressWarnings("NullAway.Init")
    private static FakeProvider provider;

    @BeforeAll
    static void start() {
        assumeTrue(
                KeycloakServer.isDistribution(), "the server is started from the distribution, and its heap looked at");
        server = KeycloakServer.startBesides(List.of(), List.of(), "keycloak-it-flood.log");
        provider = FakeProvider.start();
        realm = TestRealm.createIn(server)
                .addOidcProvider("social", provider, Map.of("syncMode", "FORCE"))
                .addConvertTokenMapper("social", Map.of("allowedClients", "*"));
        realm.admin().addClientRole(realm.name(), TestRealm.ALICE.username(), "account", "manage-account");
    }

    /** Whatever is refused once is refused as well when it has been refused often. */
    @Test
    void whatIsRefusedAgainAndAgainIsNoServerErrorAndNoAlarm() {
        String bearer = realm.signInAlice(TestRealm.APP).expect(200).accessToken();
        String idToken = provider.idToken(Person.unknown()).audience("another").mint();
        List<Supplier<Answer>> calls = List.of(
                () -> convert(realm.convertTokenEndpoint(), "garbage"),
                () -> convert(realm.convertTokenEndpoint(), idToken),
                () -> convert(realm.convertTokenEndpoint(), provider.unknownOpaqueToken()),
                () -> convert(realm.tokenEndpoint().param("grant_type", "convert_token"), idToken),
                () -> realm.tokenEndpoint()
                        .as(TestRealm.APP)
                        .param("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                        .param("subject_issuer", "social")
                        .param("subject_token_type", "urn:ietf:params:oauth:token-type:id_token")
                        .param("subject_token", idToken)
                        .post(),
                () -> realm.convert("unheard-of", "x"),
                () -> convert(
                        realm.convertTokenEndpoint(),
                        provider.idToken(Person.unknown().withEmail(TestRealm.ALICE.email()))
                                .mint()),
                () -> realm.convertTokenEndpoint()
                        .basic("app", "wrong")
                        .param("backend", "social")
                        .param("token", "x")
                        .post(),
                () -> realm.call("/auth/connect-backend")
                        .bearer(bearer)
                        .param("backend", "social")
                        .param("token", idToken)
                        .post(),
                () -> realm.call("/auth/connect-backend")
                        .bearer(bearer)
                        .param("backend", "social")
                        .param(
                                "token",
                                provider.idToken(Person.unknown().withNames("a".repeat(300), "b"))
                                        .mint())
                        .post(),
                () -> realm.call("/auth/disconnect-backend")
                        .bearer(bearer)
                        .param("backend", "social")
                        .post(),
                () -> realm.call("/auth/invalidate-sessions")
                        .bearer(bearer)
                        .header("Origin", "http://evil.example")
                        .param("client_id", "app")
                        .post(),
                () -> realm.call("/auth/invalidate-refresh-tokens")
                        .bearer("garbage")
                        .param("client_id", "app")
                        .post(),
                () -> realm.call("/auth/revoke-token").bearer("garbage").post(),
                () -> realm.call("/auth/revoke-token")
                        .body("application/json", "{")
                        .post(),
                () -> realm.call("/auth/token").body("text/plain", "x").post());
        int logged = server.log().length();

        for (Supplier<Answer> call : calls) {
            for (int i = 0; i < AGAIN_AND_AGAIN; i++) {
                Answer answer = call.get();
                assertThat(answer.status()).as("%s", answer).isBetween(400, 499);
                assertThat(answer.error()).as("%s", answer).isNotEmpty();
            }
        }

        assertThat(server.log().substring(logged)).doesNotContainPattern("(?m)^\\s+at [a-z]|^Caused by: | ERROR ");
    }

    @Test
    void othersSignInWhileTheLargestBodiesCome() {
        List<Body> bodies = bodies();
        logins(SHORT);
        List<Long> calm = logins(CALM);
        long liveBefore = server.liveBytes();

        Flooded flooded = flood(bodies, FLOOD);

        String figures = "p95 calm " + p95(calm) + " ms, flooded " + p95(flooded.logins()) + " ms; live "
                + liveBefore / 1_000_000 + " MB; " + flooded.answers();
        System.out.println(figures);
        assertThat(p95(flooded.logins())).as(figures).isLessThan(10 * Math.max(50, p95(calm)));
        assertThat(flooded.answers().keySet()).as(figures).contains("413").noneMatch(status -> status.startsWith("5"));
        Await.until(
                "the heap holds no more than buffers of its threads beside what it held",
                SETTLED,
                () -> server.liveBytes() < 1.5 * liveBefore);
        assertThat(server.log()).doesNotContain("OutOfMemoryError");
    }

    private record Flooded(List<Long> logins, Map<String, Long> answers) {}

    private static Flooded flood(List<Body> bodies, Duration time) {
        try (Flood flood = Flood.of(server.base(), CONNECTIONS, bodies)) {
            return new Flooded(logins(time), flood.answers());
        }
    }

    /**
     * Up to what Keycloak takes, and what gets through to be read whole. Large forms are Keycloak's own: it reads them, and
     * refuses them, before any endpoint is called, and keeps what it has refused for a while.
     */
    private static List<Body> bodies() {
        List<Body> bodies = new ArrayList<>();
        for (String endpoint : List.of("convert-token", "invalidate-sessions", "revoke-token")) {
            String path = realm.uri("/auth/" + endpoint).getPath();
            String members = IntStream.range(0, 700_000)
                    .mapToObj(i -> "\"" + i + "\":\"\"")
                    .collect(Collectors.joining(",", "{", "}"));
            bodies.addAll(List.of(
                    Body.json(path, members),
                    Body.json(path, members).unannounced(),
                    Body.json(path, "{\"a\":\"" + "a".repeat(250_000) + "\"}"),
                    Body.json(path, "{\"a\":\"" + "a".repeat(9_900_000) + "\"}").unannounced(),
                    Body.parts(path, "a".repeat(250_000)),
                    Body.parts(path, "a".repeat(9_900_000)).unannounced(),
                    Body.form(path, "a=" + "a".repeat(130_000) + "&b=" + "a".repeat(130_000))));
        }
        return bodies;
    }

    private static Answer convert(Call call, String token) {
        return call.as(TestRealm.APP)
                .param("backend", "social")
                .param("token", token)
                .post();
    }

    /** One after another, each by its time in milliseconds. */
    private static List<Long> logins(Duration time) {
        List<Long> millis = new ArrayList<>();
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            long start = System.nanoTime();
            realm.signInAlice(TestRealm.APP).expect(200);
            millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }
        return millis;
    }

    private static long p95(List<Long> millis) {
        List<Long> sorted = new ArrayList<>(millis);
        Collections.sort(sorted);
        return sorted.get((int) (0.95 * (sorted.size() - 1)));
    }
}
