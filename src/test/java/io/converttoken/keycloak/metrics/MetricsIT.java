// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.metrics;

import static io.converttoken.keycloak.testing.TestBackend.assertUnavailable;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.jwk.RSAKey;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.Explained;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Metrics;
import io.converttoken.keycloak.testing.ObservedKeycloak;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.SameInContainer;
import io.converttoken.keycloak.testing.SecurityEvents;
import io.converttoken.keycloak.testing.TestBackend;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.TraceCollector;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What happens is told in metrics and traces, and what is gone is told no more. */
@ExtendWith(KeycloakExtension.class)
@SameInContainer
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MetricsIT {

    private static final int FORGED = 100;

    private static final Duration ANSWERED = Duration.ofSeconds(10);
    private static final Duration LONG = Duration.ofMinutes(2);

    /** A node looks every ten seconds for what is gone. */
    private static final Duration TOLD_NO_MORE = Duration.ofSeconds(20);

    private static KeycloakServer keycloak;
    private static TraceCollector traces;
    private static SocialHosts hosts;
    private static TestRealm realm;

    @BeforeAll
    static void start(ObservedKeycloak observed, SocialHosts socialHosts) {
        keycloak = observed.server();
        traces = observed.traces();
        hosts = socialHosts;
        realm = observed.realm();
    }

    // metrics and traces

    @Test
    void explanationsAndChecksAreNotCounted() {
        try (TestBackend asked = TestBackend.add(realm, "explained")) {
            asked.convert(asked.goodToken()).expect(200);
            String bad = asked.provider().unknownOpaqueToken();
            String before = counted("explained");

            Explained.of(realm, "explained", asked.goodToken()).converts();
            Explained.of(realm, "explained", bad).refusesFor("token_inactive", bad);
            Explained.of(realm, "explained", bad).refusesFor("token_inactive", bad);
            Explained.health(realm, "explained");

            assertThat(counted("explained")).isEqualTo(before);
        }
    }

    private static String counted(String backend) {
        return Metrics.of(keycloak)
                .text()
                .lines()
                .filter(line -> line.startsWith("convert_token") && line.contains("backend=\"" + backend + "\""))
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    @Test
    void metricsTellOutcomesOfConversions() {
        try (TestBackend told = TestBackend.add(realm, "told")) {
            told.convert(told.goodToken()).expect(200);
            told.convert(told.goodToken()).expect(200);
            told.convert("two words").expect(400);
            String bad = told.provider().unknownOpaqueToken();
            told.convert(bad).expect(400);
            told.convert(bad).expect(400);
            told.provider().introspection().answersStatus(500);
            assertUnavailable(told.convert(told.goodToken()));

            Metrics metrics = Metrics.of(keycloak);
            assertThat(metrics.value("convert_token_conversions_total", labels("told", "outcome", "success")))
                    .isEqualTo(2);
            assertThat(metrics.value("convert_token_conversions_total", labels("told", "reason", "token_inactive")))
                    .isEqualTo(2);
            assertThat(metrics.value("convert_token_conversions_total", labels("told", "reason", "token_malformed")))
                    .isEqualTo(1);
            assertThat(metrics.value(
                            "convert_token_conversions_total",
                            labels("told", "outcome", "identity_provider_unavailable")))
                    .isEqualTo(1);
            assertThat(metrics.value("convert_token_refusals_remembered_total", labels("told")))
                    .isEqualTo(1);
            // two calls for a good token, one for a bad one, one that fails and one more to see why
            assertThat(metrics.value(
                            "convert_token_provider_calls_seconds_count", labels("told", "outcome", "answered")))
                    .isEqualTo(7);
            assertThat(metrics.value("convert_token_provider_waiting", labels("told", "calls", "any")))
                    .isZero();
            assertThat(metrics.value("convert_token_provider_breaker", labels("told", "calls", "tokens")))
                    .isZero();
        }
    }

    @Test
    void metricsTellLimits() {
        try (TestBackend told = TestBackend.add(realm, "told-limits")) {
            told.provider().introspection().answersStatus(500);
            IntStream.range(0, 8).forEach(i -> assertUnavailable(told.convert(told.goodToken())));
            Metrics metrics = Metrics.of(keycloak);
            assertThat(metrics.value("convert_token_provider_breaker", labels("told-limits", "calls", "tokens")))
                    .isEqualTo(2);
            assertThat(metrics.value("convert_token_provider_breaker", labels("told-limits", "calls", "keys")))
                    .isZero();
            assertThat(metrics.value(
                            "convert_token_provider_rejections_total", labels("told-limits", "limit", "breaker")))
                    .isEqualTo(3);
        }
    }

    /** Whoever makes names up must not fill the memory of the server, nor that of whoever collects metrics. */
    @Test
    void madeUpNamesAreNoLabels() {
        realm.convert("made-up", "token").expect(400);
        Metrics metrics = Metrics.of(keycloak);
        assertThat(metrics.text()).doesNotContain("made-up");
        assertThat(metrics.value(
                        "convert_token_conversions_total", labels("none", "outcome", "unknown_identity_provider")))
                .isPositive();
    }

    @Test
    void metricsTellInvalidationsAndConnections() {
        try (TestBackend told = TestBackend.add(realm, "told-connections")) {
            Answer alice = realm.signInAlice(TestRealm.APP);
            realm.call("/auth/connect-backend")
                    .bearer(alice.accessToken())
                    .param("backend", "told-connections")
                    .param("token", told.goodToken())
                    .post()
                    .expect(204);
            realm.call("/auth/invalidate-refresh-tokens")
                    .bearer(alice.accessToken())
                    .param("client_id", TestRealm.APP.clientId())
                    .post()
                    .expect(204);
            String id = realm.admin()
                    .user(realm.name(), TestRealm.ALICE.username())
                    .path("id")
                    .asText();
            realm.admin()
                    .call(realm.name() + "/auth/users/" + id + "/invalidate-sessions")
                    .post()
                    .expect(200);

            Metrics metrics = Metrics.of(keycloak);
            assertThat(metrics.value(
                            "convert_token_connections_total", labels("told-connections", "outcome", "success")))
                    .isEqualTo(1);
            assertThat(metrics.value(
                            "convert_token_invalidations_total",
                            Map.of("realm", realm.name(), "what", "refresh_tokens", "by", "self")))
                    .isEqualTo(1);
            assertThat(metrics.value(
                            "convert_token_invalidations_total",
                            Map.of("realm", realm.name(), "what", "sessions", "by", "admin")))
                    .isEqualTo(1);
        }
    }

    /** Forged signals are counted by address as bad tokens are, and cost the provider next to nothing. */
    @Test
    void metricsTellSignals() {
        try (TestBackend told = TestBackend.add(realm, "told-signals")) {
            realm.replaceConvertTokenMapper("told-signals", Map.of("allowedClients", "*", "signals", "true"));
            Person person = Person.unknown();
            realm.convert("told-signals", told.provider().idToken(person).mint())
                    .expect(200);
            told.provider().reset();

            signal(SecurityEvents.sessionRevoked(told.provider(), person.subject()))
                    .expect(202);
            RSAKey foreign = FakeProvider.foreignKey("unknown");
            List<Answer> forged = IntStream.range(0, FORGED)
                    .mapToObj(i -> signal(SecurityEvents.sessionRevoked(told.provider(), person.subject())
                            .signedBy(foreign)
                            .kid("unknown-" + i)))
                    .toList();

            assertThat(forged.get(0).status()).isEqualTo(400);
            assertThat(forged).allSatisfy(answer -> assertThat(answer.status()).isIn(400, 429));
            Answer last = forged.get(forged.size() - 1).expect(429);
            assertThat(last.header("Retry-After")).isPresent();
            assertThat(told.provider().jwks().requestCount()).isLessThanOrEqualTo(3);
            Metrics metrics = Metrics.of(keycloak);
            assertThat(metrics.value("convert_token_signals_total", labels("told-signals", "outcome", "carried_out")))
                    .isEqualTo(1);
            // beyond the limit nobody reads of which kind a signal is
            assertThat(refused(metrics, "security_event") + refused(metrics, "unknown"))
                    .isEqualTo(FORGED);
        }
    }

    private static double refused(Metrics metrics, String kind) {
        Map<String, String> labels = labels("told-signals", "outcome", "refused");
        labels.put("kind", kind);
        return metrics.value("convert_token_signals_total", labels);
    }

    private static Answer signal(JwtBuilder event) {
        return SecurityEvents.send(realm, "told-signals", event);
    }

    // metrics of what is gone

    static Stream<Arguments> waysToGo() {
        return Stream.of(
                gone("deleted", alias -> realm.admin().deleteIdentityProvider(realm.name(), alias)),
                gone("mapper removed", alias -> realm.removeConvertTokenMapper(alias)));
    }

    private static Arguments gone(String how, Consumer<String> act) {
        return Arguments.of(how, act);
    }

    /** A dashboard that shows an open breaker of the former identity provider misleads whoever looks at the new one. */
    @ParameterizedTest(name = "identity provider: {0}")
    @MethodSource("waysToGo")
    void metricsOfABackendGoWithIt(String how, Consumer<String> act) {
        String alias = "gone-" + how.replace(' ', '-');
        try (TestBackend gone = TestBackend.add(realm, alias)) {
            opened(gone);
            act.accept(alias);
            assertNothingIsTold("backend=\"" + alias + "\"");
        }
    }

    @Test
    void identityProviderMadeAnewStartsWithNothing() {
        try (TestBackend former = TestBackend.add(realm, "anew")) {
            opened(former);
            realm.admin().deleteIdentityProvider(realm.name(), "anew");
        }
        try (TestBackend next = TestBackend.add(realm, "anew")) {
            next.convert(next.goodToken()).expect(200);
            Metrics metrics = Metrics.of(keycloak);
            assertThat(metrics.value("convert_token_provider_breaker", labels("anew", "calls", "tokens")))
                    .isZero();
            assertThat(metrics.value("convert_token_conversions_total", labels("anew", "outcome", "success")))
                    .isEqualTo(1);
        }
    }

    @Test
    void metricsOfARealmGoWithIt() {
        TestRealm gone = told();
        gone.close();
        assertNothingIsTold("realm=\"" + gone.name() + "\"");
    }

    /** Of the new name there is nothing before something happens. */
    @Test
    void metricsOfARealmAreNotTheirsWhoGetItsName() {
        TestRealm renamed = told();
        String next = renamed.name() + "-renamed";
        realm.admin().updateRealm(renamed.name(), Map.of("realm", next));
        assertNothingIsTold("realm=\"" + renamed.name() + "\"");
        realm.admin().deleteRealm(next);
    }

    /** A realm of which every kind of metric tells something. */
    private static TestRealm told() {
        TestRealm realm = TestRealm.createIn(keycloak, "told-");
        try (FakeProvider provider = FakeProvider.start()) {
            realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
            realm.convert("social", provider.opaqueToken(Person.unknown()).mint())
                    .expect(200);
            realm.convert("unknown", "token").expect(400);
            realm.call("/auth/invalidate-sessions")
                    .bearer(realm.signInAlice(TestRealm.APP).accessToken())
                    .param("client_id", TestRealm.APP.clientId())
                    .post()
                    .expect(204);
        }
        assertThat(Metrics.of(keycloak).text()).contains("realm=\"" + realm.name() + "\"");
        return realm;
    }

    /** A call that was under way when the identity provider was deleted ends later, and brings nothing back. */
    @Test
    void conversionThatOutlivesItsBackendIsNotTold() throws Exception {
        ExecutorService background = Executors.newSingleThreadExecutor();
        try (TestBackend gone = TestBackend.add(realm, "outlived")) {
            gone.provider().introspection().holds(LONG);
            String token = gone.goodToken();
            Future<Answer> conversion = background.submit(() -> gone.convert(token));
            Await.until("the provider is asked", ANSWERED, () -> gone.calls() == 1);
            realm.admin().deleteIdentityProvider(realm.name(), "outlived");
            gone.provider().introspection().release();
            assertThat(conversion.get().status()).isGreaterThanOrEqualTo(400);
            assertNothingIsTold("backend=\"outlived\"");
        } finally {
            background.shutdownNow();
        }
    }

    private static void opened(TestBackend backend) {
        backend.provider().introspection().answersStatus(500);
        IntStream.range(0, 8).forEach(i -> assertUnavailable(backend.convert(backend.goodToken())));
        backend.provider().reset();
        assertThat(Metrics.of(keycloak)
                        .value("convert_token_provider_breaker", labels(backend.alias(), "calls", "tokens")))
                .isEqualTo(2);
    }

    private static void assertNothingIsTold(String label) {
        Await.until(
                "nothing is told any more of " + label,
                TOLD_NO_MORE,
                () -> ours(label).isEmpty());
    }

    private static List<String> ours(String label) {
        return Metrics.of(keycloak)
                .text()
                .lines()
                .filter(line -> line.startsWith("convert_token") && line.contains(label))
                .toList();
    }

    /** Google takes the token in the query. */
    @Test
    void tracesTellCallsAndNoTokens() {
        Google google = hosts.get(Google.class);
        realm.addSocialProvider("traced", google, Map.of())
                .addConvertTokenMapper("traced", Map.of("allowedClients", "*"));
        String token = google.accessToken(google.newcomer()).mint();
        realm.convert("traced", token).expect(200);
        Await.until(
                "the call is told", Duration.ofSeconds(60), () -> traces.text().contains("traced"));
        assertThat(traces.text().contains("convert-token provider call")).isTrue();
        assertThat(traces.text().contains(token)).isFalse();
    }

    /** What the dashboard asks for is there, once everything has happened. */
    @Test
    @Order(Integer.MAX_VALUE)
    void dashboardAsksForWhatThereIs() throws Exception {
        JsonNode dashboard = new ObjectMapper().readTree(Files.readString(Path.of("docs", "grafana-dashboard.json")));
        List<String> expressions = dashboard.findValuesAsText("expr");
        Set<String> names = expressions.stream()
                .flatMap(expression -> Pattern.compile("convert_token_\\w+")
                        .matcher(expression)
                        .results())
                .map(MatchResult::group)
                .collect(Collectors.toSet());
        assertThat(names).hasSizeGreaterThan(5).isSubsetOf(Metrics.of(keycloak).names());
        assertThat(dashboard.path("title").asText()).isNotEmpty();
        assertThat(dashboard.path("uid").asText()).isNotEmpty();
    }

    private static Map<String, String> labels(String backend, String... more) {
        Map<String, String> labels = new HashMap<>(Map.of("realm", realm.name(), "backend", backend));
        if (more.length == 2) {
            labels.put(more[0], more[1]);
        }
        return labels;
    }
}
