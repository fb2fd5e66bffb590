// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class GenerationTest {

    private static final String S = "session";
    private static final String OTHER = "other";

    @Test
    void firstGenerationIsOfTokensThatSayNothing() {
        assertThat(Generation.first().isAlive("0", S)).isTrue();
        assertThat(Generation.first().isAlive("x", S)).isFalse();
    }

    @Test
    void nothingFormerIsAliveInTheNext() {
        Generation next = Generation.first().next();

        assertThat(next.isAlive("0", S)).isFalse();
        assertThat(next.isAlive(next.current(), S)).isTrue();
        assertThat(next.next().isAlive(next.current(), S)).isFalse();
    }

    @Test
    void sparedSessionKeepsWhatIsAlive() {
        Generation next = Generation.first().nextSparing(S);

        assertThat(next.isAlive("0", S)).isTrue();
        assertThat(next.isAlive("0", OTHER)).isFalse();
        assertThat(next.isAlive(next.current(), OTHER)).isTrue();
    }

    @Test
    void sparedAgainItKeepsBoth() {
        Generation once = Generation.first().nextSparing(S);
        Generation twice = once.nextSparing(S);

        assertThat(twice.isAlive("0", S)).isTrue();
        assertThat(twice.isAlive(once.current(), S)).isTrue();
        assertThat(twice.isAlive(once.current(), OTHER)).isFalse();
    }

    @Test
    void whatWasDeadStaysDeadWhenItsSessionIsSpared() {
        Generation dead = Generation.first().next();

        assertThat(dead.nextSparing(S).isAlive("0", S)).isFalse();
    }

    @Test
    void whatWasSparedDiesWhenAnotherIsSpared() {
        Generation other = Generation.first().nextSparing(S).nextSparing(OTHER);

        assertThat(other.isAlive("0", S)).isFalse();
        assertThat(other.isAlive("0", OTHER)).isFalse();
    }

    @Test
    void textSaysItAll() {
        for (Generation generation : new Generation[] {
            Generation.first(),
            Generation.first().next(),
            Generation.first().nextSparing(S).nextSparing(S),
            Generation.first().nextEnding(Set.of(S)),
            Generation.first().nextSparing(S).nextEnding(Set.of(OTHER)).nextEnding(Set.of(OTHER))
        }) {
            assertThat(Generation.parse(generation.asText())).isEqualTo(generation);
        }
    }

    @Test
    void textStaysShort() {
        Generation generation = Generation.first();
        for (int i = 0; i < 1000; i++) {
            generation = generation.nextSparing(S);
        }
        assertThat(generation.asText()).hasSizeLessThan(2500);
        assertThat(generation.isAlive("0", S)).isFalse();
    }

    @Test
    void sessionThatIsEndedAloneLosesWhatItHas() {
        Generation next = Generation.first().nextEnding(Set.of(S));

        assertThat(next.isAlive("0", S)).isFalse();
        assertThat(next.isAlive("0", OTHER)).isTrue();
        assertThat(next.isAlive(next.current(), S)).isTrue();
    }

    @Test
    void sessionThatWasSparedCanBeEndedAlone() {
        Generation next = Generation.first().nextSparing(S).nextEnding(Set.of(S));

        assertThat(next.isAlive("0", S)).isFalse();
        assertThat(next.isAlive("0", OTHER)).isFalse();
    }

    @Test
    void sessionThatWasEndedAloneIsNotBroughtBackByBeingSpared() {
        Generation next = Generation.first().nextEnding(Set.of(S)).nextSparing(S);

        assertThat(next.isAlive("0", S)).isFalse();
    }

    @Test
    void sessionIsSparedWithAllThatItHas() {
        Generation next = Generation.first().nextEnding(Set.of(OTHER)).nextSparing(S);

        assertThat(next.isAlive("0", S)).isTrue();
        assertThat(next.isAlive("0", OTHER)).isFalse();
    }

    @Test
    void textStaysBoundedWhereSessionsAreEndedOneByOne() {
        Generation generation = Generation.first();
        for (int i = 0; i < 1000; i++) {
            generation = generation.nextEnding(Set.of("00000000-0000-4000-8000-00000000" + (1000 + i)));
        }
        assertThat(generation.asText()).hasSizeLessThan(6000);
        assertThat(generation.isAlive("0", S)).isFalse();
        assertThat(Generation.parse(generation.asText())).isEqualTo(generation);
    }

    @Test
    void sessionIsSparedAfterManyOthersWereEnded() {
        Generation generation = Generation.first();
        for (int i = 0; i < 100; i++) {
            generation = generation.nextEnding(Set.of("other-" + i));
        }
        assertThat(generation.isAlive("0", S)).isTrue();
        assertThat(generation.nextSparing(S).isAlive("0", S)).isTrue();
    }
}
