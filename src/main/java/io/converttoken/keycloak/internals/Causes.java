// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.util.Objects;
import java.util.stream.Stream;

/** What is behind an exception of Keycloak's, which wraps those that were thrown within it. */
public final class Causes {

    /** More than anybody wraps; some exceptions go round in circles. */
    private static final int MOST = 50;

    private Causes() {}

    /** The exception itself, what caused it, and so on. */
    public static Stream<Throwable> of(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(MOST);
    }
}
