// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.nio.file.Path;
import java.util.List;

/** What a stopped server has left in its embedded H2, which is open to one process at a time. */
public final class EmbeddedDatabase {

    private static final String USER = "sa";

    /** With these options of {@code kc.sh} the database can be opened here, too. */
    public static final List<String> OPTIONS = List.of("--db-username=" + USER, "--db-password=" + USER);

    /** The same, and H2 has written what is answered, as in the demo. */
    public static final List<String> OPTIONS_WRITING_AT_ONCE =
            List.of("--db-username=" + USER, "--db-password=" + USER, "--db-url-properties=;WRITE_DELAY=0");

    private final Path home;

    private EmbeddedDatabase(Path home) {
        this.home = home;
    }

    public static EmbeddedDatabase of(KeycloakServer stopped) {
        return new EmbeddedDatabase(stopped.home().toAbsolutePath());
    }

    /** Runs statements and answers what H2's shell prints. */
    public String sql(String statements) {
        String url = "jdbc:h2:file:" + home.resolve("data").resolve("h2").resolve("keycloakdb") + ";NON_KEYWORDS=VALUE";
        return new SqlShell(home, url, USER, USER).run(statements);
    }
}
