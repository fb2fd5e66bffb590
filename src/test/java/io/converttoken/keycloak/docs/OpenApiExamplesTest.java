// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The errors that the description shows as examples are those that the code gives, word for word. */
class OpenApiExamplesTest {

    private static final Path SOURCES = Path.of("src", "main", "java");

    /** What Keycloak's own endpoints say (26.7). */
    private static final Set<String> KEYCLOAKS = Set.of(
            "Invalid client or Invalid client credentials",
            "Invalid scopes: openid admin",
            "Token is not active",
            "Token not provided",
            "Unmatching clients");

    @Test
    void errorsAreThoseOfTheCode() throws IOException {
        Set<String> described = new TreeSet<>();
        collect(
                new Yaml()
                        .load(Files.readString(
                                Path.of("src/main/resources", "io/converttoken/keycloak/docs/openapi.yaml"))),
                described);
        String code = code();

        assertThat(described).containsAll(KEYCLOAKS);
        described.removeAll(KEYCLOAKS);
        assertThat(described)
                .hasSizeGreaterThan(20)
                .allSatisfy(text -> assertThat(code).contains("\"" + fixed(text)));
    }

    /** Of a text that ends with a name, what comes before it. */
    private static String fixed(String text) {
        return text.replaceFirst("((?:: |=))\\w+$", "$1\"");
    }

    private static void collect(Object value, Set<String> descriptions) {
        if (value instanceof Map<?, ?> members) {
            if (members.containsKey("error") && members.get("error_description") instanceof String text) {
                descriptions.add(text);
            }
            members.values().stream().filter(Objects::nonNull).forEach(member -> collect(member, descriptions));
        } else if (value instanceof List<?> items) {
            items.forEach(item -> collect(item, descriptions));
        }
    }

    private static String code() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> sources =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            StringBuilder code = new StringBuilder();
            for (Path source : sources) {
                code.append(Files.readString(source));
            }
            return code.toString();
        }
    }
}
