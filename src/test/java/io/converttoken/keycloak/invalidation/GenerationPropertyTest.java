// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** What stands in a session's note, whoever wrote it, is read; and no history brings a dead token back. */
class GenerationPropertyTest {

    private static final List<String> SESSIONS = List.of("a", "b");

    @Property
    void anyTextIsAGeneration(@ForAll String text, @ForAll String token, @ForAll String session) {
        Generation generation = Generation.parse(text);

        assertThat(generation.isAlive(token, session))
                .isEqualTo(token.equals(text.split(" ", -1)[0])
                        || (session.equals(generation.sparedSession())
                                && generation.kept().contains(token)));
    }

    @Property
    void textSaysItAllAfterAnyHistory(@ForAll("histories") List<String> spared) {
        Generation generation = after(spared);

        assertThat(Generation.parse(generation.asText())).isEqualTo(generation);
        assertThat(generation.asText()).hasSizeLessThan(500);
    }

    /** A token is alive if it is current, or if its own session was spared ever since, the latest twenty times. */
    @Property
    void tokenOfAnotherSessionDiesWithTheNextInvalidation(
            @ForAll("histories") List<String> before, @ForAll("histories") @Size(min = 1) List<String> since) {
        Generation then = after(before);
        Generation now = then;
        for (String spared : since) {
            now = now.next(spared);
        }
        for (String session : SESSIONS) {
            boolean isSparedEverSince = since.stream().allMatch(session::equals) && since.size() <= 20;
            assertThat(now.isAlive(then.current(), session)).isEqualTo(isSparedEverSince);
        }
    }

    private static Generation after(List<String> spared) {
        Generation generation = Generation.first();
        for (String session : spared) {
            generation = generation.next(session);
        }
        return generation;
    }

    @Provide
    Arbitrary<List<String>> histories() {
        return Arbitraries.oneOf(
                Arbitraries.of("", "a", "b").list().ofMaxSize(30),
                Arbitraries.just("a").list().ofMaxSize(30));
    }
}
