// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.internals.FormerGenerationRows;
import io.converttoken.keycloak.internals.GenerationRows;
import io.converttoken.keycloak.internals.StorageFault;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.models.utils.PostMigrationEvent;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderEventListener;

/**
 * Moves generations to their new place when the server starts. Versions before 1.0.0 kept them among the attributes of
 * federated users ({@code FED_USER_ATTRIBUTE}), where some user storages show and delete them. Dead tokens stay dead.
 */
final class FormerRows implements ProviderEventListener {

    private static final Logger LOGGER = Logger.getLogger(FormerRows.class);

    private static final int BATCH = 500;

    /** The number of failures after which the move is given up. Nodes that start together can make each other fail. */
    private static final int ATTEMPTS = 10;

    @Override
    public void onEvent(ProviderEvent event) {
        if (event instanceof PostMigrationEvent migrated) {
            moveAll(migrated.getFactory());
        }
    }

    /** @throws IllegalStateException when rows are left, because their dead tokens would be alive again */
    private static void moveAll(KeycloakSessionFactory factory) {
        int failures = 0;
        int moved = BATCH;
        while (moved == BATCH) {
            try {
                moved = KeycloakModelUtils.runJobInTransactionWithResult(factory, FormerRows::moveBatch);
            } catch (RuntimeException e) {
                failures++;
                if (failures == ATTEMPTS || !StorageFault.isOfDatabase(e)) {
                    throw new IllegalStateException("Generations of refresh tokens cannot be moved", e);
                }
            }
        }
    }

    private static int moveBatch(KeycloakSession session) {
        List<FormerGenerationRows.Row> rows = FormerGenerationRows.find(session, BATCH);
        if (rows.isEmpty()) {
            return 0;
        }
        rows.forEach(row -> move(session, row));
        FormerGenerationRows.delete(session, rows);
        LOGGER.infof("%d generations of refresh tokens were moved to their new place", rows.size());
        return rows.size();
    }

    /**
     * If the new place has a generation already, nobody knows which is newer, so a third one ends the tokens of both.
     */
    private static void move(KeycloakSession session, FormerGenerationRows.Row row) {
        Optional<GenerationRows.Stored> present = GenerationRows.read(session, row.key());
        Generation former = Generation.parse(row.generation());
        Generation moved = present.isEmpty() ? former : former.next();
        GenerationRows.replace(session, row.key(), present, moved.asText());
    }
}
