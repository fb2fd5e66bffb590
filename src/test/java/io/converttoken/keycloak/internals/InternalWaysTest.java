// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nothing of Keycloak's inside is named as text without being looked for when the server starts. */
final class InternalWaysTest {

    private static final Path CLASSES = Path.of("target", "classes", "io", "converttoken", "keycloak");

    /** Asked for by {@code SupportedKeycloak}, which refuses to start without it. */
    private static final Set<String> REQUIRED = Set.of("org.keycloak.protocol.oidc.refresh.RefreshTokenProvider");

    private static final Pattern TYPE = Pattern.compile("org\\.(?:keycloak|infinispan|jboss|hibernate)(?:\\.\\w+)+");
    private static final Pattern ENTITY = Pattern.compile("(?:from|join|into|update) (\\w+Entity)(?: (\\w))?\\b");
    private static final Pattern ATTRIBUTE = Pattern.compile("\\b(\\w)\\.(\\w+)");

    private static final List<String> NAMES =
            InternalWays.all().stream().map(InternalWay::name).toList();

    @Test
    void everyClassThatIsNamedAsTextIsKnown() throws IOException {
        Set<String> unknown = texts().filter(text -> TYPE.matcher(text).matches())
                .filter(type -> !REQUIRED.contains(type))
                .filter(type -> NAMES.stream().noneMatch(name -> name.startsWith(type)))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(texts()).contains("org.keycloak.connections.jpa.JpaConnectionProvider");
        assertThat(unknown).isEmpty();
    }

    @Test
    void everyColumnThatAQueryNamesIsKnown() throws IOException {
        List<String> queries =
                texts().filter(text -> ENTITY.matcher(text).find()).toList();
        Set<String> unknown = queries.stream()
                .flatMap(InternalWaysTest::columns)
                .filter(column -> NAMES.stream().noneMatch(name -> has(name, column)))
                .map(Object::toString)
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(queries).hasSizeGreaterThan(10);
        assertThat(unknown).isEmpty();
    }

    private record Column(String entity, String name) {}

    private static Stream<Column> columns(String query) {
        Map<String, String> entities = new HashMap<>();
        ENTITY.matcher(query)
                .results()
                .filter(named -> named.group(2) != null)
                .forEach(named -> entities.put(named.group(2), named.group(1)));
        Stream<Column> named = ATTRIBUTE
                .matcher(query)
                .results()
                .filter(attribute -> entities.containsKey(attribute.group(1)))
                .map(attribute -> new Column(entities.getOrDefault(attribute.group(1), ""), attribute.group(2)));
        return Stream.concat(
                named,
                ENTITY.matcher(query).results().map(MatchResult::group).map(text -> new Column(entity(text), "")));
    }

    private static String entity(String text) {
        return text.split(" ")[1];
    }

    private static boolean has(String name, Column column) {
        String prefix = "entity " + column.entity() + " with ";
        return name.startsWith(prefix)
                && (column.name().isEmpty()
                        || List.of(name.substring(prefix.length()).split(", ")).contains(column.name()));
    }

    /** All string constants, but for those of the classes that look. */
    private static Stream<String> texts() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES)) {
            return files
                    .filter(file -> file.toString().endsWith(".class"))
                    .filter(file -> !file.getFileName().toString().startsWith("InternalWay"))
                    .flatMap(file -> ClassFile.of(read(file)).texts().stream())
                    .toList()
                    .stream();
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
