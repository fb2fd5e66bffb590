// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.util.List;
import org.keycloak.models.KeycloakSession;

/** The place of generations before version 1.0.0: attributes of federated users ({@code FED_USER_ATTRIBUTE}). */
public final class FormerGenerationRows {

    private static final String FIND = "select a.id, a.realmId, a.userId, a.name, a.value"
            + " from FederatedUserAttributeEntity a where a.name like '" + GenerationRows.PREFIX + "%'";
    private static final String DELETE = "delete from FederatedUserAttributeEntity a where a.id in :ids";

    private FormerGenerationRows() {}

    /**
     * A row.
     *
     * @param id the id of the row
     * @param key the key under which the generation is kept now
     * @param generation the generation as text
     */
    public record Row(String id, GenerationRows.Key key, String generation) {

        private static Row of(Object[] row) {
            String clientId = ((String) row[3]).substring(GenerationRows.PREFIX.length());
            GenerationRows.Key key = new GenerationRows.Key((String) row[1], (String) row[2], clientId);
            return new Row((String) row[0], key, (String) row[4]);
        }
    }

    /** Returns some of the rows that are left. */
    public static List<Row> find(KeycloakSession session, int atMost) {
        return Database.of(session).createQuery(FIND, Object[].class).setMaxResults(atMost).getResultList().stream()
                .map(Row::of)
                .toList();
    }

    public static void delete(KeycloakSession session, List<Row> rows) {
        Database.of(session)
                .createQuery(DELETE)
                .setParameter("ids", rows.stream().map(Row::id).toList())
                .executeUpdate();
    }
}
