// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code docs/architecture.md} says of the code is so. */
class ArchitectureTest {

    private static final Path PAGE = Path.of("docs", "architecture.md");
    private static final String ROOT = "io.converttoken.keycloak.";
    private static final Pattern PICTURE = Pattern.compile("```mermaid\n.*?```", Pattern.DOTALL);
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+)(?:\\.(\\w+))?`");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.converttoken.keycloak");

    @Test
    void pictureIsThatOfTheCode() throws IOException {
        String page = Files.readString(PAGE);
        String drawn = PICTURE.matcher(page).replaceFirst(Matcher.quoteReplacement(picture()));
        if (Boolean.getBoolean("architecture.write")) {
            Files.writeString(PAGE, drawn);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(drawn);
    }

    /** Classes and methods that the page sends its reader to; tests are looked for in their own tree. */
    @Test
    void everythingThatIsNamedIsThere() throws IOException {
        Set<String> lost = new TreeSet<>();
        NAMED.matcher(Files.readString(PAGE)).results().forEach(named -> {
            String method = named.group(2);
            boolean isThere = CLASSES.stream()
                    .filter(type -> type.getSimpleName().equals(named.group(1)))
                    .anyMatch(type -> method == null || hasMethod(type, method));
            if (!isThere && !isTest(named.group(1))) {
                lost.add(named.group());
            }
        });
        assertThat(lost).isEmpty();
    }

    /** CONTRIBUTING has a row for each room. */
    @Test
    void everyRoomIsExplained() throws IOException {
        String contributing = Files.readString(Path.of("CONTRIBUTING.md"));
        assertThat(CLASSES.stream().map(ArchitectureTest::room).filter(room -> !room.isEmpty()))
                .isNotEmpty()
                .allSatisfy(room -> assertThat(contributing).containsPattern("\\| [^|]*`" + room + "`[^|]* \\|"));
    }

    private static boolean hasMethod(JavaClass type, String name) {
        return type.getMethods().stream().anyMatch(method -> method.getName().equals(name));
    }

    private static boolean isTest(String name) {
        try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
            return files.anyMatch(file -> file.endsWith(name + ".java"));
        } catch (IOException e) {
            return false;
        }
    }

    private static String picture() {
        Map<String, Set<String>> rooms = rooms();
        StringBuilder picture = new StringBuilder("```mermaid\nflowchart TD\n");
        rooms.forEach((room, used) -> used.stream()
                .filter(other -> used.stream().noneMatch(between -> reaches(rooms, between, other)))
                .forEach(other -> picture.append("    ")
                        .append(room)
                        .append(" --> ")
                        .append(other)
                        .append('\n')));
        return picture.append("```").toString();
    }

    /** Whether a room uses another one by way of a third; there are no cycles. */
    private static boolean reaches(Map<String, Set<String>> rooms, String from, String to) {
        Set<String> used = rooms.getOrDefault(from, Set.of());
        return used.contains(to) || used.stream().anyMatch(between -> reaches(rooms, between, to));
    }

    private static Map<String, Set<String>> rooms() {
        Map<String, Set<String>> rooms = new TreeMap<>();
        for (JavaClass type : CLASSES) {
            String room = room(type);
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> room(dependency.getTargetClass().getBaseComponentType()))
                    .filter(other -> !room.isEmpty() && !other.isEmpty() && !other.equals(room))
                    .forEach(other ->
                            rooms.computeIfAbsent(room, name -> new TreeSet<>()).add(other));
        }
        return rooms;
    }

    private static String room(JavaClass type) {
        String name = type.getPackageName();
        return name.startsWith(ROOT) ? name.substring(ROOT.length()).split("\\.")[0] : "";
    }
}
