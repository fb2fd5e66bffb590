// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

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
        Generation next = Generation.first().next("");

        assertThat(next.isAlive("0", S)).isFalse();
        assertThat(next.isAlive(next.current(), S)).isTrue();
        assertThat(next.next("").isAlive(next.current(), S)).isFalse();
    }

    @Test
    void sparedSessionKeepsWhatIsAlive() {
        Generation next = Generation.first().next(S);

        assertThat(next.isAlive("0", S)).isTrue();
        assertThat(next.isAlive("0", OTHER)).isFalse();
        assertThat(next.isAlive(next.current(), OTHER)).isTrue();
    }

    @Test
    void sparedAgainItKeepsBoth() {
        Generation once = Generation.first().next(S);
        Generation twice = once.next(S);

        assertThat(twice.isAlive("0", S)).isTrue();
        assertThat(twice.isAlive(once.current(), S)).isTrue();
        assertThat(twice.isAlive(once.current(), OTHER)).isFalse();
    }

    @Test
    void whatWasDeadStaysDeadWhenItsSessionIsSpared() {
        Generation dead = Generation.first().next("");

        assertThat(dead.next(S).isAlive("0", S)).isFalse();
    }

    @Test
    void whatWasSparedDiesWhenAnotherIsSpared() {
        Generation other = Generation.first().next(S).next(OTHER);

        assertThat(other.isAlive("0", S)).isFalse();
        assertThat(other.isAlive("0", OTHER)).isFalse();
    }

    @Test
    void textSaysItAll() {
        for (Generation generation : new Generation[] {
            Generation.first(),
            Generation.first().next(""),
            Generation.first().next(S).next(S)
        }) {
            assertThat(Generation.parse(generation.asText())).isEqualTo(generation);
        }
    }

    @Test
    void textStaysShort() {
        Generation generation = Generation.first();
        for (int i = 0; i < 1000; i++) {
            generation = generation.next(S);
        }
        assertThat(generation.asText()).hasSizeLessThan(500);
        assertThat(generation.isAlive("0", S)).isFalse();
    }
}
