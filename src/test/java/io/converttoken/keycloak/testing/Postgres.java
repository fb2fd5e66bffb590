// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The PostgreSQL that comes with the build, as it is by default. */
final class Postgres implements DatabaseServer {

    static final String VENDOR = "postgres";

    private static final String USER = "postgres";

    private final EmbeddedPostgres database;

    private Postgres(EmbeddedPostgres database) {
        this.database = database;
    }

    static Postgres start() {
        try {
            // Keycloak's pool has up to 100 connections, which are all that PostgreSQL gives, but for its own
            return new Postgres(EmbeddedPostgres.builder()
                    .setServerConfig("max_connections", "120")
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String vendor() {
        return VENDOR;
    }

    @Override
    public String jdbcUrl() {
        return database.getJdbcUrl(USER, USER);
    }

    @Override
    public String username() {
        return USER;
    }

    @Override
    public String password() {
        return USER;
    }

    @Override
    public void close() {
        try {
            database.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
