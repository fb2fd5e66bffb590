// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/** Every test that the threat model and the guide to operations lean on is there, and is a test. */
final class ThreatModelTest {

    private static final Path TESTS = Path.of("src", "test", "java");
    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*(?:IT|Test))#(\\w+)`");

    @ParameterizedTest
    @CsvSource({"threat-model.md, 50", "operations.md, 10"})
    void everyTestThatIsNamedIsThere(String guide, int atLeast) throws IOException {
        List<MatchResult> named =
                NAME.matcher(Files.readString(Path.of("docs", guide))).results().toList();
        List<String> missing = new ArrayList<>();
        for (MatchResult name : named) {
            if (!isTest(name.group(1), name.group(2))) {
                missing.add(name.group());
            }
        }

        assertThat(named).hasSizeGreaterThan(atLeast);
        assertThat(missing).isEmpty();
    }

    @Test
    void whatIsNoTestIsNotTakenForOne() throws IOException {
        assertThat(isTest("ThreatModelTest", "isTest")).isFalse();
        assertThat(isTest("ThreatModelTest", "everyTestThatIsNamedIsThere")).isTrue();
        assertThat(isTest("NoSuchTest", "everyTestThatIsNamedIsThere")).isFalse();
    }

    private static boolean isTest(String simpleName, String method) throws IOException {
        Optional<Class<?>> type = typeNamed(simpleName);
        return type.isPresent()
                && Arrays.stream(type.get().getDeclaredMethods())
                        .filter(candidate -> candidate.getName().equals(method))
                        .anyMatch(candidate -> AnnotationSupport.isAnnotated(candidate, Testable.class));
    }

    private static Optional<Class<?>> typeNamed(String simpleName) throws IOException {
        try (Stream<Path> files = Files.walk(TESTS)) {
            Optional<Path> source =
                    files.filter(file -> file.endsWith(simpleName + ".java")).findFirst();
            return source.isEmpty() ? Optional.empty() : Optional.of(compiled(source.get()));
        }
    }

    private static Class<?> compiled(Path source) {
        String path = TESTS.relativize(source).toString().replace('\\', '/');
        String name = path.substring(0, path.length() - ".java".length()).replace('/', '.');
        try {
            return Class.forName(name, false, ThreatModelTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
