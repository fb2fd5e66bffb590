// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import java.nio.file.Path;
import java.util.stream.Collectors;

/** The statements of {@code docs/operations.md}, as they are printed there. */
final class OperationsSql {

    /** The list of who has invalidated tokens, and the deletion of all generations. */
    static final String LIST_AND_DELETE = MarkdownFile.read(Path.of("docs", "operations.md")).run("sql").stream()
            .map(MarkdownFile.Block::text)
            .collect(Collectors.joining(";\n"));

    private OperationsSql() {}
}
