// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever stands in a row is read; and after any history exactly those tokens are alive that no invalidation has ended. */
class GenerationPropertyTest {

    private static final List<String> SESSIONS = List.of("a", "b", "c");

    @Property
    void anyTextIsAGeneration(@ForAll String text, @ForAll String token, @ForAll String session) {
        Generation generation = Generation.parse(text);

        boolean isNamed = text.startsWith(token) || text.contains(" " + token);
        assertThat(generation.isAlive(token, session) && !isNamed).isFalse();
        assertThat(generation.isAlive(generation.current(), session)).isTrue();
    }

    @Property
    void textSaysItAllAfterAnyHistory(@ForAll("histories") List<SessionChoice> history) {
        Generation generation = Generation.first();
        for (SessionChoice choice : history) {
            generation = choice.after(generation);

            assertThat(Generation.parse(generation.asText())).isEqualTo(generation);
            assertThat(generation.asText()).hasSizeLessThan(1000);
        }
    }

    /** What is alive by the plain meaning of the words: each invalidation ends the tokens of the sessions that it is about. */
    @Property
    void exactlyWhatNoInvalidationHasEndedIsAlive(@ForAll("histories") List<SessionChoice> history) {
        Generation generation = Generation.first();
        Set<String> generations = new HashSet<>(Set.of(generation.current()));
        Set<Token> alive = new HashSet<>();
        SESSIONS.forEach(session -> alive.add(new Token(Generation.FIRST, session)));
        for (SessionChoice choice : history) {
            generation = choice.after(generation);
            generations.add(generation.current());
            alive.removeIf(token -> choice.includes(token.session()));
            for (String session : SESSIONS) {
                alive.add(new Token(generation.current(), session));
            }
            for (String former : generations) {
                for (String session : SESSIONS) {
                    assertThat(generation.isAlive(former, session))
                            .as("%s in %s after %s", former, session, history)
                            .isEqualTo(alive.contains(new Token(former, session)));
                }
            }
        }
    }

    private record Token(String generation, String session) {}

    /** Within the bounds: a session that is spared more than twenty times in a row loses its oldest tokens. */
    @Provide
    Arbitrary<List<SessionChoice>> histories() {
        Arbitrary<SessionChoice> some = Combinators.combine(
                        Arbitraries.integers().between(0, 3), Arbitraries.of(SESSIONS))
                .as((kind, session) -> switch (kind) {
                    case 0 -> SessionChoice.all();
                    case 1 -> SessionChoice.allBut(session);
                    case 2 -> SessionChoice.only(new HashSet<>(List.of(session, "a")));
                    default -> SessionChoice.only(session);
                });
        return Arbitraries.oneOf(
                some.list().ofMaxSize(18),
                Arbitraries.just(SessionChoice.allBut("a")).list().ofMaxSize(18),
                Arbitraries.just(SessionChoice.only("a")).list().ofMaxSize(18));
    }
}
