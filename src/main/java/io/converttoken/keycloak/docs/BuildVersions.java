// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/**
 * The versions that the build wrote down.
 *
 * @param project the version of this JAR
 * @param swaggerUi the version of the Swagger UI inside it
 */
record BuildVersions(String project, String swaggerUi) {

    static final BuildVersions CURRENT = read();

    private static BuildVersions read() {
        try (InputStream file = BuildVersions.class.getResourceAsStream("build.properties")) {
            Properties properties = new Properties();
            properties.load(Objects.requireNonNull(file, "build.properties"));
            return new BuildVersions(properties.getProperty("version"), properties.getProperty("swagger-ui"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
