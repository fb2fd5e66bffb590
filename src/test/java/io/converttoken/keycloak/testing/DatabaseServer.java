// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A database server on loopback over an empty directory, for a Keycloak of the tests. Closing it removes its data. */
interface DatabaseServer extends AutoCloseable {

    /** System property that names the database, by the words of Keycloak's option {@code --db}. */
    String PROPERTY = "keycloak.db";

    String EMBEDDED = "dev-file";

    /**
     * Starts the database that system property {@code keycloak.db} asks for, unless that is the embedded one.
     *
     * @param parent where its directory and its log go
     */
    static Optional<DatabaseServer> startIfAskedFor(Path parent) {
        String asked = System.getProperty(PROPERTY, EMBEDDED);
        return switch (asked) {
            case EMBEDDED -> Optional.empty();
            case "mariadb" -> Optional.of(MySqlDatabase.start(MySqlDatabase.Product.MARIADB, parent));
            case "mysql" -> Optional.of(MySqlDatabase.start(MySqlDatabase.Product.MYSQL, parent));
            case Postgres.VENDOR -> Optional.of(Postgres.start());
            default -> throw new IllegalArgumentException(PROPERTY + " is not one of its values: " + asked);
        };
    }

    /** What Keycloak calls it. */
    String vendor();

    String jdbcUrl();

    String username();

    String password();

    /** What Keycloak needs to know. */
    default List<String> keycloakOptions() {
        return List.of(
                "--db=" + vendor(),
                "--db-url=" + jdbcUrl(),
                "--db-username=" + username(),
                "--db-password=" + password());
    }

    @Override
    void close();
}
