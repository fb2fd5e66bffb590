// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.converttoken.keycloak.limits.ProviderGuard.Place;
import io.converttoken.keycloak.metrics.BackendId;
import io.converttoken.keycloak.metrics.Labels;
import io.converttoken.keycloak.metrics.Meters;
import io.converttoken.keycloak.metrics.Meters.Limit;
import io.converttoken.keycloak.metrics.NodeMeters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProviderGuardTest {

    private static final Limits LIMITS = new Limits(
            2, 3, Duration.ofSeconds(5), 5, Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ZERO, 0);

    private static final BackendId BACKEND = new BackendId("realm", "social", "mapper");

    private final ServerLimits server = new ServerLimits(LIMITS);
    private final ProviderGuard guard = server.guard(BACKEND);
    private final NodeMeters node = new NodeMeters();
    private Meters meters = node.of(BACKEND, new Labels("realm", "social"));

    @AfterEach
    void close() {
        server.close();
        node.close();
    }

    @Test
    void onlySoManyWaitForOneBackend() {
        List<Place> places = enter(guard, 2);
        assertThat(catchThrowableOfType(LimitReachedException.class, guard::enter)
                        .limit())
                .isEqualTo(Limit.BACKEND);
        places.get(0).close();
        guard.enter();
    }

    @Test
    void onlySoManyWaitOnTheNode() {
        ProviderGuard another = server.guard(new BackendId("realm", "another", "mapper"));
        List<Place> places = enter(guard, 2);
        enter(another, 1);
        assertThat(catchThrowableOfType(LimitReachedException.class, another::enter)
                        .limit())
                .isEqualTo(Limit.NODE);
        places.get(0).close();
        another.enter();
    }

    @Test
    void refusedOneLeavesNoTrace() {
        List<Place> places = enter(guard, 2);
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(guard::enter).isInstanceOf(LimitReachedException.class);
        }
        places.forEach(Place::close);
        enter(guard, 2);
    }

    @Test
    void breakerOpensWhenHalfOfFiveCallsFail() {
        Breaker breaker = guard.tokenCalls(settings("a"));
        record(breaker, true, true, false, false);
        breaker.require();
        breaker.record(false);
        assertThat(catchThrowableOfType(LimitReachedException.class, breaker::require)
                        .retryAfter())
                .isBetween(9L, 11L);
    }

    @Test
    void breakerStaysClosedWhileMostCallsWork() {
        Breaker breaker = guard.tokenCalls(settings("a"));
        record(breaker, true, true, true, true, true, true, false, false, false, false, false);
        assertThatCode(breaker::require).doesNotThrowAnyException();
    }

    @Test
    void keysAndTokensHaveBreakersOfTheirOwn() {
        record(guard.keyCalls(settings("a")), false, false, false, false, false);
        assertThatCode(guard.tokenCalls(settings("a"))::require).doesNotThrowAnyException();
    }

    @Test
    void otherSettingsStartAnew() {
        record(guard.tokenCalls(settings("a")), false, false, false, false, false);
        long revision = guard.revisionNumber(settings("a"));
        assertThatCode(guard.tokenCalls(settings("b"))::require).doesNotThrowAnyException();
        assertThat(guard.revisionNumber(settings("b"))).isGreaterThan(revision);
    }

    /** The next backend may have the same names and settings. */
    @Test
    void backendThatIsGoneLeavesNothing() {
        record(guard.tokenCalls(settings("a")), false, false, false, false, false);
        server.forget(BACKEND::equals);
        assertThat(server.backends()).isEmpty();
        assertThat(server.guard(BACKEND).tokenCalls(settings("a")).level()).isZero();
    }

    @Test
    void metersThatAreDroppedEndWhatIsKnown() {
        record(guard.tokenCalls(settings("a")), false, false, false, false, false);
        node.drop((id, labels) -> true);
        meters = node.of(BACKEND, new Labels("realm", "social"));
        assertThat(guard.tokenCalls(settings("a")).level()).isZero();
    }

    @Test
    void sameSettingsGoOn() {
        record(guard.tokenCalls(settings("a")), false, false, false, false, false);
        assertThat(guard.tokenCalls(settings("a")).level()).isEqualTo(2);
    }

    @Test
    void keyThatWasFoundIsLookedUpWithoutAPlace() {
        assertThat(guard.lookUp("kid", () -> "key")).isEqualTo("key");
        enter(guard, 2);
        assertThat(guard.lookUp("kid", () -> "key")).isEqualTo("key");
        assertThat(catchThrowableOfType(LimitReachedException.class, () -> guard.lookUp("unknown", () -> "key")))
                .isNotNull();
    }

    @Test
    void keyThatIsGoneIsLookedUpInAPlace() {
        guard.lookUp("kid", () -> "key");
        guard.lookUp("kid", () -> null);
        enter(guard, 2);
        assertThat(catchThrowableOfType(LimitReachedException.class, () -> guard.lookUp("kid", () -> "key")))
                .isNotNull();
    }

    @Test
    void noKeyCanBeReliedOnWhileKeysAreLoaded() {
        guard.lookUp("kid", () -> "key");
        guard.forgetKeys();
        enter(guard, 2);
        assertThat(catchThrowableOfType(LimitReachedException.class, () -> guard.lookUp("kid", () -> "key")))
                .isNotNull();
    }

    /** The cache has lost the key that we rely on, and its provider does not answer. */
    @Test
    void fewWaitForAKeyThatIsReliedOn() throws Exception {
        guard.lookUp("kid", () -> "key");
        CountDownLatch waiting = new CountDownLatch(4);
        CountDownLatch loaded = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            IntStream.range(0, 4)
                    .forEach(i -> threads.execute(() -> guard.lookUp("kid", () -> {
                        waiting.countDown();
                        return await(loaded);
                    })));
            assertThat(waiting.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(catchThrowableOfType(LimitReachedException.class, () -> guard.lookUp("kid", () -> "key")))
                    .isNotNull();
        } finally {
            loaded.countDown();
            threads.shutdownNow();
        }
    }

    /** Keys are loaded anew, and many come for them at once. */
    @Test
    void manyWaitAMomentForAKeyThatIsBeingLoaded() throws Exception {
        guard.lookUp("another", () -> "key");
        assertThat(whileLoading(Duration.ofMillis(20), () -> guard.lookUp("kid", () -> "key")))
                .isEqualTo("key");
    }

    @Test
    void manyWaitLongerForTheFirstKey() throws Exception {
        assertThat(whileLoading(Duration.ofMillis(500), () -> guard.lookUp("kid", () -> "key")))
                .isEqualTo("key");
    }

    @Test
    void nobodyWaitsLongForAnotherKey() throws Exception {
        guard.lookUp("another", () -> "key");
        assertThat(whileLoading(
                        Duration.ofSeconds(1),
                        () -> catchThrowableOfType(
                                LimitReachedException.class, () -> guard.lookUp("kid", () -> "key"))))
                .isNotNull();
    }

    /** What comes of an action while all places are taken, one of them by a look-up. */
    private <T> T whileLoading(Duration time, Supplier<T> action) throws Exception {
        enter(guard, 1);
        CountDownLatch loading = new CountDownLatch(1);
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<?> load = threads.submit(() -> guard.lookUp("kid", () -> {
                loading.countDown();
                LockSupport.parkNanos(time.toNanos());
                return "key";
            }));
            assertThat(loading.await(20, TimeUnit.SECONDS)).isTrue();
            T result = action.get();
            load.get();
            return result;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void nobodyPilesUpBeforeAProviderThatDoesNotAnswer() {
        enter(guard, 2);
        assertIsRefused("kid");
        long start = System.nanoTime();
        IntStream.range(0, 100).forEach(i -> assertIsRefused("kid"));
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
    }

    private void assertIsRefused(String key) {
        assertThat(catchThrowableOfType(LimitReachedException.class, () -> guard.lookUp(key, () -> "key")))
                .isNotNull();
    }

    @Test
    void settingsAreNotTold() {
        assertThat(settings("secret").toString()).doesNotContain("secret");
    }

    private static String await(CountDownLatch latch) {
        try {
            latch.await();
            return "key";
        } catch (InterruptedException e) {
            return "interrupted";
        }
    }

    private static List<Place> enter(ProviderGuard guard, int times) {
        List<Place> places = new ArrayList<>();
        IntStream.range(0, times).forEach(i -> places.add(guard.enter()));
        return places;
    }

    private static void record(Breaker breaker, boolean... works) {
        for (boolean work : works) {
            breaker.require();
            breaker.record(work);
        }
    }

    private record Mapper(String value) {}

    private BackendSettings settings(String secret) {
        return new BackendSettings(meters, Map.of("clientSecret", secret), new Mapper("value"));
    }
}
