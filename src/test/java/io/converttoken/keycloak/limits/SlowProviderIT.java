// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import static io.converttoken.keycloak.testing.TestBackend.assertUnavailable;
import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.BlackHole;
import io.converttoken.keycloak.testing.Explained;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.ObservedKeycloak;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.SameInContainer;
import io.converttoken.keycloak.testing.SecurityEvents;
import io.converttoken.keycloak.testing.TestBackend;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.OpenShift;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
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

/** A provider that is slow or dead hurts nobody else; all limits as they are by default. */
@ExtendWith(KeycloakExtension.class)
@SameInContainer
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SlowProviderIT {

    private static final Duration ANSWERED = Duration.ofSeconds(10);
    private static final Duration RECOVERED = Duration.ofSeconds(45);
    private static final Duration LONG = Duration.ofMinutes(2);

    /** Below this a percentile says more of the machine than of the server. */
    private static final Duration NOISE = Duration.ofMillis(50);

    private static SocialHosts hosts;
    private static TestRealm realm;
    private static TestClient machine;

    @BeforeAll
    static void start(ObservedKeycloak observed, SocialHosts socialHosts) {
        hosts = socialHosts;
        realm = observed.realm();
        machine = observed.machine();
    }

    private record Timed(Answer answer, Duration duration) {

        static Timed of(Supplier<Answer> call) {
            long start = System.nanoTime();
            Answer answer = call.get();
            return new Timed(answer, Duration.ofNanos(System.nanoTime() - start));
        }
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
        assertRealmStaysFast(
                "dead", dead -> dead.provider().introspection().holds(LONG), dead -> dead.convert(dead.goodToken()));
    }

    /** The keys hang, which signals need, and nobody has loaded them before. */
    @Test
    @Order(Integer.MAX_VALUE - 1)
    void signalsOfADeadProviderLeaveTheRealmFast() throws Exception {
        assertRealmStaysFast("mute", dead -> dead.provider().jwks().holds(LONG), SlowProviderIT::signal);
    }

    private static Answer signal(TestBackend from) {
        return SecurityEvents.send(realm, from.alias(), SecurityEvents.sessionRevoked(from.provider(), "nobody"));
    }

    private static void assertRealmStaysFast(
            String prefix, Consumer<TestBackend> death, Function<TestBackend, Answer> call) throws Exception {
        List<Wave> waves = new ArrayList<>();
        do {
            waves.add(wave(prefix + "-" + waves.size(), death, call));
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
            return "p95 of %d client credentials logins beside 200 hung calls: %d ms, calm %d ms; slowest call %d ms"
                    .formatted(logins, busy.toMillis(), calm.toMillis(), slowestConversion.toMillis());
        }
    }

    private static Wave wave(String alias, Consumer<TestBackend> death, Function<TestBackend, Answer> call)
            throws Exception {
        ExecutorService background = Executors.newSingleThreadExecutor();
        try (TestBackend dead = TestBackend.add(realm, alias)) {
            IntStream.range(0, 50).forEach(i -> dead.convert(dead.goodToken()).expect(200));
            logins(50);
            Duration calm = p95(logins(100));
            realm.replaceConvertTokenMapper(alias, Map.of("allowedClients", "*", "signals", "true"));
            death.accept(dead);
            Future<List<Timed>> conversions = background.submit(() -> atOnce(200, () -> call.apply(dead)));
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
        try (TestBackend slow = TestBackend.add(realm, "introspection-" + what)) {
            slowness.accept(slow.provider().introspection());
            assertUnavailableInTime(Timed.of(() -> slow.convert(slow.goodToken())));
        }
    }

    /** Both calls share one deadline. */
    @ParameterizedTest(name = "user info: {0}")
    @MethodSource("slowness")
    void slowUserInfoAfterSlowIntrospectionIsNotWaitedFor(String what, Consumer<ProviderEndpoint> slowness) {
        try (TestBackend slow = TestBackend.add(realm, "userinfo-" + what)) {
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
        try (TestBackend slow = TestBackend.add(realm, "keys-" + what)) {
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
        try (TestBackend far = TestBackend.add(realm, "far")) {
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
        try (TestBackend slow = TestBackend.add(realm, "joined")) {
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
                TestBackend slow = TestBackend.add(realm, "hole")) {
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
        Supplier<Answer> conversion = () -> realm.convert(
                "openshift", openShift.accessToken(openShift.newcomer()).mint());
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
        try (TestBackend slow = TestBackend.add(realm, "connected")) {
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
        try (TestBackend failing = TestBackend.add(realm, "failing")) {
            failing.provider().introspection().answersStatus(500);
            IntStream.range(0, 30).forEach(i -> assertUnavailable(failing.convert(failing.goodToken())));
            assertThat(failing.provider().introspection().requestCount()).isBetween(5, 15);
            realm.clearEvents();
            assertUnavailable(failing.convert(failing.goodToken()));
            assertThat(realm.event("LOGIN_ERROR").error()).isEqualTo("identity_provider_unavailable");
            assertThat(realm.event("LOGIN_ERROR").detail("reason")).isEqualTo("provider_paused");
            String good = failing.goodToken();
            Explained.of(realm, "failing", good).refusesFor("provider_paused", good);

            failing.provider().reset();
            failing.convertsAgain();
        }
    }

    @Test
    void othersSettingsAreTriedAtOnce() {
        try (TestBackend mended = TestBackend.add(realm, "mended")) {
            mended.provider().introspection().answersStatus(503);
            IntStream.range(0, 10).forEach(i -> assertUnavailable(mended.convert(mended.goodToken())));
            mended.provider().reset();
            realm.updateIdentityProvider("mended", Map.of("defaultScope", "openid email"));
            mended.convert(mended.goodToken()).expect(200);
        }
    }

    @Test
    void idTokensConvertWhileTheProviderIsLeftAlone() {
        try (TestBackend half = TestBackend.add(realm, "half")) {
            half.convert(half.goodIdToken()).expect(200);
            half.provider().introspection().answersStatus(503);
            IntStream.range(0, 10).forEach(i -> assertUnavailable(half.convert(half.goodToken())));
            half.convert(half.goodIdToken()).expect(200);
        }
    }

    @Test
    void refusedTokensDoNotStopTheCalls() {
        try (TestBackend sound = TestBackend.add(realm, "sound")) {
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
        try (TestBackend touchy = TestBackend.add(realm, "touchy-" + status)) {
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
        try (TestBackend touchy = TestBackend.add(realm, "touchy")) {
            String good = touchy.goodToken();
            touchy.provider()
                    .introspection()
                    .hangsUpOn(
                            request -> request.form().getOrDefault("token", "").startsWith("poison"));
            IntStream.range(0, 20).forEach(i -> assertUnavailable(touchy.convert("poison" + i)));
            touchy.convert(good).expect(200);
        }
    }
}
