// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a run may be told by system properties, such as {@code -Dbenchmark.rounds=5}: see docs/benchmarks.md. */
final class Settings {

    private static final String PREFIX = "benchmark.";

    private Settings() {}

    static int number(String name, int usually) {
        return Integer.getInteger(PREFIX + name, usually);
    }

    static List<Integer> numbers(String name, String usually) {
        return list(System.getProperty(PREFIX + name, usually))
                .map(Integer::valueOf)
                .toList();
    }

    static Optional<List<String>> names(String name) {
        return Optional.ofNullable(System.getProperty(PREFIX + name))
                .map(value -> list(value).toList());
    }

    private static Stream<String> list(String value) {
        return Stream.of(value.split(",")).map(String::trim);
    }
}
