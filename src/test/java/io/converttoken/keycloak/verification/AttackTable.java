// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.verification.SocialAttacks.Attack;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Provider by attack and what came of it, as a Markdown table. */
final class AttackTable {

    private static final String NOT_APPLICABLE = "–";

    private final Map<String, String> columns;
    private final Map<String, Map<String, String>> rows = new LinkedHashMap<>();

    /** @param columns title of each alias, in order */
    AttackTable(Map<String, String> columns) {
        this.columns = new LinkedHashMap<>(columns);
    }

    synchronized void add(Attack attack, String outcome) {
        add(
                (attack.kind() == TokenKind.ID_TOKEN ? "ID token " : "access token ") + attack.what(),
                attack.alias(),
                outcome);
    }

    synchronized void add(String row, String alias, String outcome) {
        rows.computeIfAbsent(row, name -> new LinkedHashMap<>()).put(alias, outcome);
    }

    synchronized String markdown() {
        return "| | " + String.join(" | ", columns.values()) + " |\n|---|" + "---|".repeat(columns.size()) + "\n"
                + rows.entrySet().stream()
                        .map(row -> "| " + row.getKey() + " | " + cells(row.getValue()) + " |\n")
                        .collect(Collectors.joining());
    }

    private String cells(Map<String, String> row) {
        return columns.keySet().stream()
                .map(alias -> row.getOrDefault(alias, NOT_APPLICABLE))
                .collect(Collectors.joining(" | "));
    }
}
