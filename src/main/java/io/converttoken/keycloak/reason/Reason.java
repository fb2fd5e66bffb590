// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.reason;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Why a call is refused.
 *
 * @param code the stable code
 * @param sentence the sentence, without values that come from outside
 * @param expected what would have passed, if that can be said
 * @param found what was found, if that can be said
 */
public record Reason(ReasonCode code, String sentence, Optional<String> expected, Optional<String> found) {

    public static Reason of(ReasonCode code) {
        return of(code, Finding.nothing());
    }

    public static Reason of(ReasonCode code, Finding finding) {
        return new Reason(code, code.sentence(), finding.expectedText(), finding.foundText());
    }

    /** @param found what was found */
    public static Reason of(ReasonCode code, Object found) {
        return of(code, Finding.found(() -> found));
    }

    /** @param sentence a text of ours that says more than the sentence of the code */
    public static Reason said(ReasonCode code, String sentence) {
        return new Reason(code, sentence, Optional.empty(), Optional.empty());
    }

    /** Returns the sentence, with what was found and what was expected. It is short and on one line. */
    public String text() {
        return Stream.of(
                        Optional.of(sentence),
                        found.map(value -> "found: " + value),
                        expected.map(value -> "expected: " + value))
                .flatMap(Optional::stream)
                .collect(Collectors.joining("; "));
    }
}
