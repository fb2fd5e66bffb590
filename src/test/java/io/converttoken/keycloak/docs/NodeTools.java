// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

/** Programs that npm brings: {@code src/test/openapi/package.json}. */
final class NodeTools {

    /** A script that puts them below {@code target/}, where they are not there yet. */
    static final String INSTALL = """
            node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node is older than 20"; exit 1; }
            mkdir -p target/openapi/npm
            cp src/test/openapi/package.json target/openapi/npm
            npm install --prefix target/openapi/npm --no-package-lock --ignore-scripts --no-audit --no-fund --silent
            """;

    private NodeTools() {}
}
