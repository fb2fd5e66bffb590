package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.database.Database;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceException;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.ModelException;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.models.utils.PostMigrationEvent;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderEventListener;

/**
 * Moves generations, when the server starts, from where versions before 1.0.0 kept them: among the attributes of federated
 * users ({@code FED_USER_ATTRIBUTE}), where some user storages show them and delete them. Tokens that are dead stay dead.
 */
final class FormerRows implements ProviderEventListener {

    private static final Logger LOGGER = Logger.getLogger(FormerRows.class);

    private static final String FIND = "select a.id, a.realmId, a.userId, a.name, a.value"
            + " from FederatedUserAttributeEntity a where a.name like '" + GenerationRows.PREFIX + "%'";
    private static final String DELETE = "delete from FederatedUserAttributeEntity a where a.id in :ids";

    private static final int BATCH = 500;

    /** Each of several nodes that start together may find that another one was faster. */
    private static final int ATTEMPTS = 10;

    @Override
    public void onEvent(ProviderEvent event) {
        if (event instanceof PostMigrationEvent migrated) {
            moveAll(migrated.getFactory());
        }
    }

    /** @throws IllegalStateException when rows are left, because their tokens would come back to life */
    private static void moveAll(KeycloakSessionFactory factory) {
        int failures = 0;
        int moved = BATCH;
        while (moved == BATCH) {
            try {
                moved = KeycloakModelUtils.runJobInTransactionWithResult(factory, FormerRows::moveBatch);
            } catch (ModelException | PersistenceException e) {
                failures++;
                if (failures == ATTEMPTS) {
                    throw new IllegalStateException("Generations of refresh tokens cannot be moved", e);
                }
            }
        }
    }

    private static int moveBatch(KeycloakSession session) {
        EntityManager database = Database.of(session);
        List<Object[]> rows =
                database.createQuery(FIND, Object[].class).setMaxResults(BATCH).getResultList();
        if (rows.isEmpty()) {
            return 0;
        }
        rows.forEach(row -> move(session, row));
        database.createQuery(DELETE)
                .setParameter("ids", rows.stream().map(row -> (String) row[0]).toList())
                .executeUpdate();
        LOGGER.infof("%d generations of refresh tokens were moved to their new place", rows.size());
        return rows.size();
    }

    /** Where there is one at the new place, nobody knows which is newer: then no token of either stays alive. */
    private static void move(KeycloakSession session, Object[] row) {
        String clientId = ((String) row[3]).substring(GenerationRows.PREFIX.length());
        GenerationRows.Key key = new GenerationRows.Key((String) row[1], (String) row[2], clientId);
        Generation former = Generation.parse((String) row[4]);
        Optional<GenerationRows.Stored> present = GenerationRows.read(session, key);
        GenerationRows.replace(session, key, present, present.isEmpty() ? former : former.next(""));
    }
}
