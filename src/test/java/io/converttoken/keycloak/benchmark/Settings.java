package io.converttoken.keycloak.benchmark;

import java.util.List;
import java.util.stream.Stream;

/** What a run may be told by system properties, such as {@code -Dbenchmark.rounds=5}: see docs/benchmarks.md. */
final class Settings {

    private static final String PREFIX = "benchmark.";

    private Settings() {}

    static int number(String name, int usually) {
        return Integer.getInteger(PREFIX + name, usually);
    }

    static List<Integer> numbers(String name, String usually) {
        return Stream.of(System.getProperty(PREFIX + name, usually).split(","))
                .map(String::trim)
                .map(Integer::valueOf)
                .toList();
    }
}
