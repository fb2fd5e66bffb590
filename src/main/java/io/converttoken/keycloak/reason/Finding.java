// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.reason;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a check expected and what it found. Both are made into a text only if somebody reads them. They hold no secret,
 * no signature, and of a person nothing but the subject.
 *
 * @param expected what would pass: a text, a collection of texts, or an {@link Optional}
 * @param found what the check has found, likewise
 */
public record Finding(Supplier<?> expected, Supplier<?> found) {

    private static final Finding NOTHING = new Finding(Optional::empty, Optional::empty);

    /** Returns a finding of which nothing can be said. */
    public static Finding nothing() {
        return NOTHING;
    }

    public static Finding of(Supplier<?> expected, Supplier<?> found) {
        return new Finding(expected, found);
    }

    /** Returns a finding where only what was found can be said. */
    public static Finding found(Supplier<?> found) {
        return new Finding(Optional::empty, found);
    }

    /** Returns what would pass as a bounded text, or nothing if it cannot be said. */
    public Optional<String> expectedText() {
        return Shown.of(expected.get());
    }

    /** Returns what was found as a bounded text, or nothing if it cannot be said. */
    public Optional<String> foundText() {
        return Shown.of(found.get());
    }
}
