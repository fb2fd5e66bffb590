package io.converttoken.keycloak.verification;

import java.util.Objects;
import java.util.stream.Stream;

/** What is behind an exception of Keycloak's, which wraps those that were thrown within it. */
final class Causes {

    private Causes() {}

    /** The exception itself, what caused it, and so on. */
    static Stream<Throwable> of(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
    }
}
