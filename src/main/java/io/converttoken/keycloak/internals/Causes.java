// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.util.Objects;
import java.util.stream.Stream;

/** Finds the causes of an exception, because Keycloak wraps the exceptions that are thrown within it. */
public final class Causes {

    /** The limit of causes, because the causes of some exceptions form a circle. */
    private static final int MOST = 50;

    private Causes() {}

    /** Returns the exception itself, its cause, and so on. */
    public static Stream<Throwable> of(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(MOST);
    }
}
