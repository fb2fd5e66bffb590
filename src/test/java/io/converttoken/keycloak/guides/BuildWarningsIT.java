// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the build of a server warns of is what the guide says. */
@ExtendWith(KeycloakExtension.class)
final class BuildWarningsIT {

    private static final Pattern PRINTED = Pattern.compile(
            "WARN .*KC-SERVICES0047: \\S+ \\(io\\.converttoken\\.keycloak\\.[\\w.]+\\.(\\w+)\\) is implementing the internal"
                    + " SPI ([\\w-]+)\\. This SPI is internal and may change without notice");

    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(\\w+)` \\| `([\\w-]+)` \\| [^|]+ \\| `\\w+#\\w+` \\|$");

    @Test
    void guideNamesEveryWarningOfTheBuild(KeycloakServer keycloak) throws IOException {
        Set<String> printed = found(PRINTED, keycloak.log());

        assertThat(printed).hasSize(14);
        assertThat(found(ROW, Files.readString(Path.of("docs", "operations.md"))))
                .isEqualTo(printed);
    }

    /** There is no other kind of warning that the JAR brings to a build. */
    @Test
    void nothingElseOfTheJarIsWarnedAbout(KeycloakServer keycloak) {
        assertThat(keycloak.log().lines().takeWhile(line -> !line.contains("Listening on")))
                .filteredOn(line -> line.contains("WARN") && line.contains("converttoken"))
                .allMatch(line -> PRINTED.matcher(line).find());
    }

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(result -> result.group(1) + " for " + result.group(2))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
