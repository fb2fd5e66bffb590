// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a node holds, by an extension of the tests that shows it: all tables but those of events, users whom the user cache
 * names and the database does not have, and what the single-use store holds but for locks of ours, which free themselves.
 *
 * @param tables number of rows and checksum, by name
 */
public record Inside(Map<String, String> tables, Set<String> phantoms, Set<String> used) {

    private static final Set<String> EVENTS = Set.of("EVENT_ENTITY", "ADMIN_EVENT_ENTITY");
    private static final String LOCKS = "convert-token.";

    public Inside {
        tables = Map.copyOf(tables);
        phantoms = Set.copyOf(phantoms);
        used = Set.copyOf(used);
    }

    /** The extension, to be started besides ours. */
    public static Path extension() {
        return CompiledExtension.of("inside");
    }

    /** The same without the tables of sessions, since those of the administrator who asks are there, too. */
    public Inside withoutSessions() {
        Map<String, String> others = new TreeMap<>(tables);
        others.keySet().removeIf(table -> table.endsWith("_SESSION"));
        return new Inside(others, phantoms, used);
    }

    public static Inside of(TestRealm realm) {
        JsonNode state = realm.call("/inside/state").get().expect(200).json();
        Map<String, String> tables = new TreeMap<>();
        state.path("tables").properties().forEach(table -> {
            if (!EVENTS.contains(table.getKey())) {
                tables.put(table.getKey(), table.getValue().asText());
            }
        });
        Set<String> phantoms = new TreeSet<>();
        state.path("phantoms").forEach(phantom -> phantoms.add(phantom.asText()));
        Set<String> used = new TreeSet<>();
        state.path("used").forEach(key -> {
            if (!key.asText().contains(LOCKS)) {
                used.add(key.asText());
            }
        });
        return new Inside(tables, phantoms, used);
    }
}
