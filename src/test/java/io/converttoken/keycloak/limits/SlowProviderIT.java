// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.BlackHole;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Metrics;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.TraceCollector;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.OpenShift;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A provider that is slow or dead, and callers that bring rubbish, hurt nobody else; all limits as they are by default. */
@ExtendWith(KeycloakExtension.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SlowProviderIT {

    private static final Duration ANSWERED = Duration.ofSeconds(10);
    private static final Duration RECOVERED = Duration.ofSeconds(45);
    private static final Duration LONG = Duration.ofMinutes(2);

    /** A node looks every ten seconds for what is gone. */
    private static final Duration TOLD_NO_MORE = Duration.ofSeconds(20);

    /** Below this a percentile says more of the machine than of the server. */
    private static final Duration NOISE = Duration.ofMillis(50);

    private static TraceCollector collector;
    private static KeycloakServer keycloak;
    private static SocialHosts hosts;
    private static TestRealm realm;
    private static TestClient machine;

    @BeforeAll
    static void start(SocialHosts socialHosts) {
        assumeTrue(
                KeycloakServer.isDistribution(), "the limits are the same in a container, and waiting takes minutes");
        hosts = socialHosts;
        collector = TraceCollector.start();
        keycloak = KeycloakServer.startObserved(hosts, collector);
        realm = TestRealm.createIn(keycloak);
        realm.admin().addClientRole(realm.name(), TestRealm.ALICE.username(), "account", "manage-account");
        machine = realm.addConfidentialClient("machine", Map.of("serviceAccountsEnabled", true));
    }

    @AfterAll
    static void stop() {
        if (keycloak != null) {
            keycloak.close();
        }
        if (collector != null) {
            collector.close();
        }
    }

    /** A backend of its own for a test, with a provider of its own. */
    private record Backend(String alias, FakeProvider provider) implements AutoCloseable {

        static Backend add(String alias) {
            Backend backend = new Backend(alias, FakeProvider.start());
            realm.addOidcProvider(alias, backend.provider).addConvertTokenMapper(alias, Map.of("allowedClients", "*"));
            return backend;
        }

        Call call(String token) {
            return realm.convertTokenEndpoint()
                    .as(TestRealm.APP)
                    .param("backend", alias)
                    .param("token", token);
        }

        Answer convert(String token) {
            return call(token).post();
        }

        String goodToken() {
            return provider.opaqueToken(Person.unknown()).mint();
        }

        String goodIdToken() {
            return provider.idToken(Person.unknown()).mint();
        }

        int calls() {
            return Stream.of(provider.introspection(), provider.userInfo(), provider.jwks())
                    .mapToInt(ProviderEndpoint::requestCount)
                    .sum();
        }

        void convertsAgain() {
            Await.until(
                    "conversions succeed again",
                    RECOVERED,
                    () -> convert(goodToken()).status() == 200);
        }

        @Override
        public void close() {
            provider.close();
        }
    }

    private record Timed(Answer answer, Duration duration) {

        static Timed of(Supplier<Answer> call) {
            long start = System.nanoTime();
            Answer answer = call.get();
            return new Timed(answer, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private static void assertUnavailable(Answer answer) {
        assertThat(answer.expect(503).error()).isEqualTo("temporarily_unavailable");
        assertThat(answer.header("Retry-After"))
                .hasValueSatisfying(value -> assertThat(value).matches("[1-9]\\d?"));
    }

    private static void assertUnavailableInTime(Timed timed) {
        assertUnavailable(timed.answer());
        assertThat(timed.duration()).isLessThan(ANSWERED);
    }

    private static List<Timed> atOnce(int times, Supplier<Answer> call) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(times);
        try {
            List<Callable<Timed>> calls = IntStream.range(0, times)
                    .<Callable<Timed>>mapToObj(i -> () -> Timed.of(call))
                    .toList();
            List<Timed> answers = new ArrayList<>();
            for (Future<Timed> future : threads.invokeAll(calls)) {
                answers.add(future.get());
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }

    // slow and dead providers

    /**
     * Late, when the server is warm; and once more where the machine had something else to do, for what is measured is the
     * server.
     */
    @Test
    @Order(Integer.MAX_VALUE - 1)
    void conversionsOfADeadProviderLeaveTheRealmFast() throws Exception {
        List<Wave> waves = new ArrayList<>();
        do {
            waves.add(wave("dead-" + waves.size()));
        } while (!waves.get(waves.size() - 1).isFast() && waves.size() < 3);
        assertThat(waves.get(waves.size() - 1).isFast())
                .describedAs("fast at last: " + waves)
                .isTrue();
    }

    private record Wave(int logins, Duration calm, Duration busy, Duration slowestConversion) {

        boolean isFast() {
            return busy.compareTo(Duration.ofSeconds(1)) < 0
                    && busy.compareTo(max(calm, NOISE).multipliedBy(10)) < 0
                    && slowestConversion.compareTo(ANSWERED) < 0;
        }

        @Override
        public String toString() {
            return "p95 of %d client credentials logins beside 200 hung conversions: %d ms, calm %d ms; slowest conversion %d ms"
                    .formatted(logins, busy.toMillis(), calm.toMillis(), slowestConversion.toMillis());
        }
    }

    private static Wave wave(String alias) throws Exception {
        ExecutorService background = Executors.newSingleThreadExecutor();
        try (Backend dead = Backend.add(alias)) {
            IntStream.range(0, 50).forEach(i -> dead.convert(dead.goodToken()).expect(200));
            logins(50);
            Duration calm = p95(logins(100));
            dead.provider().introspection().holds(LONG);
            String token = dead.goodToken();
            Future<List<Timed>> conversions = background.submit(() -> atOnce(200, () -> dead.convert(token)));
            List<Duration> logins = new ArrayList<>();
            while (!conversions.isDone()) {
                logins.addAll(logins(1));
            }
            assertThat(conversions.get()).hasSize(200).allSatisfy(timed -> assertUnavailable(timed.answer()));
            Wave wave = new Wave(logins.size(), calm, p95(logins), slowest(conversions.get()));
            System.out.println(wave);

            dead.provider().reset();
            dead.convertsAgain();
            return wave;
        } finally {
            background.shutdownNow();
        }
    }

    private static Duration slowest(List<Timed> answers) {
        return answers.stream().map(Timed::duration).max(Duration::compareTo).orElseThrow();
    }

    private static List<Duration> logins(int times) {
        return IntStream.range(0, times)
                .mapToObj(i -> Timed.of(() -> realm.tokenEndpoint()
                        .as(machine)
                        .param("grant_type", "client_credentials")
                        .post()))
                .peek(login -> login.answer().expect(200))
                .map(Timed::duration)
                .toList();
    }

    private static Duration p95(List<Duration> durations) {
        return durations.stream()
                .sorted()
                .skip((long) (durations.size() * 0.95))
                .findFirst()
                .orElseThrow();
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    static Stream<Arguments> slowness() {
        return Stream.of(
                Arguments.of("silence", (Consumer<ProviderEndpoint>) endpoint -> endpoint.holds(LONG)),
                Arguments.of("drops", (Consumer<ProviderEndpoint>) endpoint -> endpoint.drips(LONG)));
    }

    @ParameterizedTest(name = "introspection: {0}")
    @MethodSource("slowness")
    void slowIntrospectionIsNotWaitedFor(String what, Consumer<ProviderEndpoint> slowness) {
        try (Backend slow = Backend.add("introspection-" + what)) {
            slowness.accept(slow.provider().introspection());
            assertUnavailableInTime(Timed.of(() -> slow.convert(slow.goodToken())));
        }
    }

    /** Both calls share one deadline. */
    @ParameterizedTest(name = "user info: {0}")
    @MethodSource("slowness")
    void slowUserInfoAfterSlowIntrospectionIsNotWaitedFor(String what, Consumer<ProviderEndpoint> slowness) {
        try (Backend slow = Backend.add("userinfo-" + what)) {
            slow.provider().introspection().holds(Duration.ofSeconds(4));
            slowness.accept(slow.provider().userInfo());
            Timed timed = Timed.of(() -> slow.convert(slow.goodToken()));
            assertUnavailable(timed.answer());
            assertThat(timed.duration()).isLessThan(Duration.ofSeconds(8));
        }
    }

    @ParameterizedTest(name = "keys: {0}")
    @MethodSource("slowness")
    void slowKeysAreNotWaitedFor(String what, Consumer<ProviderEndpoint> slowness) throws Exception {
        try (Backend slow = Backend.add("keys-" + what)) {
            slowness.accept(slow.provider().jwks());
            List<Timed> answers = atOnce(60, () -> slow.convert(slow.goodIdToken()));
            assertThat(answers).allSatisfy(SlowProviderIT::assertUnavailableInTime);

            slow.provider().reset();
            Await.until(
                    "ID tokens convert again",
                    RECOVERED,
                    () -> slow.convert(slow.goodIdToken()).status() == 200);
        }
    }

    /** A server that has just started, or a provider that is far away. */
    @Test
    void firstKeysAreWaitedForByAll() throws Exception {
        try (Backend far = Backend.add("far")) {
            far.provider().jwks().holds(Duration.ofSeconds(1));
            Person person = Person.unknown();
            List<Timed> answers =
                    atOnce(100, () -> far.convert(far.provider().idToken(person).mint()));
            assertThat(answers)
                    .allSatisfy(timed -> assertThat(timed.answer().status()).isEqualTo(200));
            assertThat(far.calls()).isEqualTo(1);
        }
    }

    /** Keycloak itself loads the same keys without a deadline: who joins it does not wait as long. */
    @Test
    void keysThatKeycloakWaitsForAreNotWaitedFor() throws Exception {
        try (Backend slow = Backend.add("joined")) {
            slow.provider().jwks().drips(LONG);
            ExecutorService background = Executors.newSingleThreadExecutor();
            try {
                Future<Answer> reload = background.submit(() -> realm.admin()
                        .call(realm.name() + "/identity-provider/instances/joined/reload-keys")
                        .get());
                Await.until("Keycloak loads the keys", ANSWERED, () -> slow.calls() == 1);
                List<Timed> answers = atOnce(60, () -> slow.convert(slow.goodIdToken()));
                assertThat(answers).allSatisfy(SlowProviderIT::assertUnavailableInTime);
                assertThat(reload.isDone()).isFalse();
                assertThat(slow.calls()).isEqualTo(1);
                slow.provider().reset();
                reload.get();
            } finally {
                background.shutdownNow();
            }
            slow.convert(slow.goodIdToken()).expect(200);
        }
    }

    @Test
    void connectionThatDoesNotComeAboutIsNotWaitedFor() {
        try (BlackHole hole = BlackHole.open();
                Backend slow = Backend.add("hole")) {
            realm.updateIdentityProvider(
                    "hole",
                    Map.of("tokenIntrospectionUrl", hole.uri("/introspect").toString()));
            assertUnavailableInTime(Timed.of(() -> slow.convert(slow.goodToken())));

            realm.updateIdentityProvider(
                    "hole", Map.of("jwksUrl", hole.uri("/jwks").toString()));
            assertUnavailableInTime(Timed.of(() -> slow.convert(slow.goodIdToken())));
        }
    }

    /** Keycloak's own class reads them. */
    @Test
    void slowMetadataAreNotWaitedFor() {
        OpenShift openShift = hosts.get(OpenShift.class);
        realm.addSocialProvider("openshift", openShift, Map.of())
                .addConvertTokenMapper("openshift", Map.of("allowedClients", "*", "acceptUnboundTokens", "true"));
        Supplier<Answer> conversion = () -> realm.convertTokenEndpoint()
                .as(TestRealm.APP)
                .param("backend", "openshift")
                .param("token", openShift.accessToken(openShift.newcomer()).mint())
                .post();
        assertThat(conversion.get().error()).isEqualTo("interaction_required"); // it gives no address
        ProviderEndpoint metadata = openShift.verificationEndpoints().stream()
                .filter(endpoint -> endpoint.uri().getPath().startsWith("/.well-known"))
                .findFirst()
                .orElseThrow();
        metadata.drips(LONG);
        assertUnavailableInTime(Timed.of(conversion));
    }

    @Test
    void connectBackendIsUnderTheSameLimits() {
        try (Backend slow = Backend.add("connected")) {
            slow.provider().introspection().drips(LONG);
            Supplier<Answer> connection = () -> realm.call("/auth/connect-backend")
                    .bearer(realm.signInAlice(TestRealm.APP).accessToken())
                    .param("backend", "connected")
                    .param("token", slow.goodToken())
                    .post();
            assertUnavailableInTime(Timed.of(connection));
        }
    }

    // the breaker

    @Test
    void providerThatFailsRepeatedlyIsLeftAloneForAWhile() {
        try (Backend failing = Backend.add("failing")) {
            failing.provider().introspection().answersStatus(500);
            IntStream.range(0, 30).forEach(i -> assertUnavailable(failing.convert(failing.goodToken())));
            assertThat(failing.provider().introspection().requestCount()).isBetween(5, 15);
            realm.clearEvents();
            assertUnavailable(failing.convert(failing.goodToken()));
            assertThat(realm.event("LOGIN_ERROR").error()).isEqualTo("identity_provider_unavailable");
            assertThat(realm.event("LOGIN_ERROR").detail("reason")).isEqualTo("identity provider failed repeatedly");

            failing.provider().reset();
            failing.convertsAgain();
        }
    }

    @Test
    void othersSettingsAreTriedAtOnce() {
        try (Backend mended = Backend.add("mended")) {
            mended.provider().introspection().answersStatus(503);
            IntStream.range(0, 10).forEach(i -> assertUnavailable(mended.convert(mended.goodToken())));
            mended.provider().reset();
            realm.updateIdentityProvider("mended", Map.of("defaultScope", "openid email"));
            mended.convert(mended.goodToken()).expect(200);
        }
    }

    @Test
    void idTokensConvertWhileTheProviderIsLeftAlone() {
        try (Backend half = Backend.add("half")) {
            half.convert(half.goodIdToken()).expect(200);
            half.provider().introspection().answersStatus(503);
            IntStream.range(0, 10).forEach(i -> assertUnavailable(half.convert(half.goodToken())));
            half.convert(half.goodIdToken()).expect(200);
        }
    }

    @Test
    void refusedTokensDoNotStopTheCalls() {
        try (Backend sound = Backend.add("sound")) {
            IntStream.range(0, 30)
                    .forEach(i -> assertThat(sound.convert(sound.provider().unknownOpaqueToken())
                                    .expect(400)
                                    .error())
                            .isEqualTo("invalid_grant"));
            sound.convert(sound.goodToken()).expect(200);
        }
    }

    /** Whoever finds a token that makes a provider fail must not stop the conversions of all the others. */
    @ParameterizedTest
    @MethodSource("failures")
    void tokensThatAProviderFailsOverDoNotStopTheCalls(String what, int status) {
        try (Backend touchy = Backend.add("touchy-" + status)) {
            String good = touchy.goodToken();
            touchy.provider()
                    .introspection()
                    .answersStatus(
                            status,
                            request -> request.form().getOrDefault("token", "").startsWith("poison"));
            IntStream.range(0, 20).forEach(i -> assertUnavailable(touchy.convert("poison" + i)));
            touchy.convert(good).expect(200);
        }
    }

    static Stream<Arguments> failures() {
        return Stream.of(Arguments.of("an error", 500), Arguments.of("too many requests", 429));
    }

    /** Neither do those that it hangs up on. */
    @Test
    void tokensThatAProviderHangsUpOnDoNotStopTheCalls() {
        try (Backend touchy = Backend.add("touchy")) {
            String good = touchy.goodToken();
            touchy.provider()
                    .introspection()
                    .hangsUpOn(
                            request -> request.form().getOrDefault("token", "").startsWith("poison"));
            IntStream.range(0, 20).forEach(i -> assertUnavailable(touchy.convert("poison" + i)));
            touchy.convert(good).expect(200);
        }
    }

    // rubbish

    @Test
    void rubbishIsRefusedWithoutACall() {
        try (Backend asked = Backend.add("asked")) {
            FakeProvider provider = asked.provider();
            Stream.of(
                            "two words",
                            "\u00e4",
                            "eyJhbGciOiJSUzI1NiJ9.e30",
                            "eyJ.a.b",
                            provider.idToken(Person.unknown())
                                    .issuer("https://evil.example")
                                    .mint(),
                            provider.accessToken(Person.unknown())
                                    .issuer("https://evil.example")
                                    .mint())
                    .forEach(token ->
                            assertThat(asked.convert(token).expect(400).error()).isEqualTo("invalid_grant"));
            assertThat(asked.calls()).isZero();
        }
    }

    @Test
    void accessTokenOfAnotherIssuerIsNotIntrospected() {
        try (Backend keyless = Backend.add("keyless")) {
            realm.updateIdentityProvider(
                    "keyless", Map.of("validateSignature", "false", "useJwksUrl", "false", "jwksUrl", ""));
            String token = keyless.provider()
                    .accessToken(Person.unknown())
                    .issuer("https://evil.example")
                    .mint();
            keyless.convert(token).expect(400);
            assertThat(keyless.calls()).isZero();
        }
    }

    @Test
    void badTokenIsAskedAboutOnce() {
        try (Backend asked = Backend.add("asked-once")) {
            String bad = asked.provider().unknownOpaqueToken();
            realm.clearEvents();
            for (int i = 0; i < 5; i++) {
                assertThat(asked.convert(bad).expect(400).error()).isEqualTo("invalid_grant");
            }
            assertThat(asked.provider().introspection().requestCount()).isEqualTo(1);
            assertThat(realm.event("LOGIN_ERROR").detail("reason"))
                    .isEqualTo("external token is not active at the provider");
        }
    }

    @Test
    void badTokenIsAskedAboutAgainUnderOtherSettings() {
        try (Backend asked = Backend.add("asked-again")) {
            String others = asked.provider()
                    .opaqueToken(Person.unknown())
                    .issuedTo("our-ios-app")
                    .mint();
            asked.convert(others).expect(400);
            realm.replaceConvertTokenMapper(
                    "asked-again", Map.of("allowedClients", "*", "acceptedAudiences", "our-ios-app"));
            asked.convert(others).expect(200);
        }
    }

    @Test
    void faultOfTheProviderIsNotHeldAgainstTheToken() {
        try (Backend asked = Backend.add("asked-in-vain")) {
            String good = asked.goodToken();
            asked.provider().introspection().answersStatus(500);
            assertUnavailable(asked.convert(good));
            asked.provider().reset();
            asked.convert(good).expect(200);
        }
    }

    @Test
    void unknownKeysAreLookedForOnceInAWhile() {
        try (Backend asked = Backend.add("asked-for-keys")) {
            asked.convert(asked.goodIdToken()).expect(200);
            for (int i = 0; i < 20; i++) {
                String forged = asked.provider()
                        .idToken(Person.unknown())
                        .signedBy(FakeProvider.foreignKey("unknown-" + i))
                        .mint();
                assertThat(asked.convert(forged).expect(400).error()).isEqualTo("invalid_grant");
            }
            assertThat(asked.provider().jwks().requestCount()).isLessThanOrEqualTo(3);
        }
    }

    // abuse

    @Test
    void addressWithTooManyFailuresWaits() {
        try (Backend abused = Backend.add("abused");
                Backend another = Backend.add("not-abused")) {
            Answer limited = Stream.generate(() -> abused.convert(abused.provider()
                            .idToken(Person.unknown())
                            .expiresIn(Duration.ofMinutes(-5))
                            .mint()))
                    .limit(500)
                    .filter(answer -> answer.status() != 400)
                    .findFirst()
                    .orElseThrow();
            assertThat(limited.expect(429).error()).isEqualTo("temporarily_unavailable");
            assertThat(limited.header("Retry-After"))
                    .hasValueSatisfying(value -> assertThat(value).matches("[1-9]\\d?"));
            realm.clearEvents();
            Await.until(
                    "a refused conversion",
                    ANSWERED,
                    () -> abused.convert("rubbish").status() == 429);
            assertThat(realm.event("LOGIN_ERROR").detail("identity_provider")).isEqualTo("abused");

            another.convert(another.goodIdToken()).expect(200);
            abused.convertsAgain();
        }
    }

    @Test
    void addressWithTooManyFailuresWaitsWhenItConnects() {
        try (Backend abused = Backend.add("abused-connecting")) {
            String alice = realm.signInAlice(TestRealm.APP).accessToken();
            Answer limited = Stream.generate(() -> realm.call("/auth/connect-backend")
                            .bearer(alice)
                            .param("backend", "abused-connecting")
                            .param("token", "two words")
                            .post())
                    .limit(500)
                    .filter(answer -> answer.status() != 400)
                    .findFirst()
                    .orElseThrow();
            assertThat(limited.expect(429).error()).isEqualTo("temporarily_unavailable");
            assertThat(limited.header("Retry-After")).isPresent();
            assertThat(realm.event("FEDERATED_IDENTITY_LINK_ERROR").error()).isEqualTo("too_many_failures");
        }
    }

    // metrics and traces

    @Test
    void metricsTellOutcomesOfConversions() {
        try (Backend told = Backend.add("told")) {
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
            assertThat(metrics.value("convert_token_conversions_total", labels("told", "outcome", "invalid_token")))
                    .isEqualTo(3);
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
        try (Backend told = Backend.add("told-limits")) {
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
        realm.convertTokenEndpoint()
                .as(TestRealm.APP)
                .param("backend", "made-up")
                .param("token", "token")
                .post()
                .expect(400);
        Metrics metrics = Metrics.of(keycloak);
        assertThat(metrics.text()).doesNotContain("made-up");
        assertThat(metrics.value(
                        "convert_token_conversions_total", labels("none", "outcome", "unknown_identity_provider")))
                .isPositive();
    }

    @Test
    void metricsTellInvalidationsAndConnections() {
        try (Backend told = Backend.add("told-connections")) {
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
        try (Backend gone = Backend.add(alias)) {
            opened(gone);
            act.accept(alias);
            assertNothingIsTold("backend=\"" + alias + "\"");
        }
    }

    @Test
    void identityProviderMadeAnewStartsWithNothing() {
        try (Backend former = Backend.add("anew")) {
            opened(former);
            realm.admin().deleteIdentityProvider(realm.name(), "anew");
        }
        try (Backend next = Backend.add("anew")) {
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
            realm.convertTokenEndpoint()
                    .as(TestRealm.APP)
                    .param("backend", "social")
                    .param("token", provider.opaqueToken(Person.unknown()).mint())
                    .post()
                    .expect(200);
            realm.convertTokenEndpoint()
                    .as(TestRealm.APP)
                    .param("backend", "unknown")
                    .param("token", "token")
                    .post()
                    .expect(400);
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
        try (Backend gone = Backend.add("outlived")) {
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

    private static void opened(Backend backend) {
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
        realm.convertTokenEndpoint()
                .as(TestRealm.APP)
                .param("backend", "traced")
                .param("token", token)
                .post()
                .expect(200);
        Await.until(
                "the call is told",
                Duration.ofSeconds(60),
                () -> collector.text().contains("traced"));
        assertThat(collector.text().contains("convert-token provider call")).isTrue();
        assertThat(collector.text().contains(token)).isFalse();
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
