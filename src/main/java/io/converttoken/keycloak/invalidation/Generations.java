package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.database.Database;
import io.converttoken.keycloak.database.ModelCache;
import io.converttoken.keycloak.database.NewUsers;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelException;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.representations.JsonWebToken;
import org.keycloak.storage.StorageId;

/**
 * The generation of refresh tokens per user and client. It belongs to them, not to a session, so that invalidating costs
 * the same for one session and for thousands, and no session that is created anew brings dead tokens back. It is a row
 * of Keycloak's table of what it keeps about users beside their attributes ({@code FED_USER_ATTRIBUTE}): read from the
 * database when a token is used, so that it is in force on every node when the transaction ends; gone with the user; seen by
 * no API and by no profile form, which would drop it.
 */
final class Generations {

    private static final Logger LOGGER = Logger.getLogger(Generations.class);

    /** The claim of refresh tokens. */
    static final String CLAIM = "rtg";

    private static final String NAME_PREFIX = "convert-token.rtg.";
    private static final String READ = "select a.value from FederatedUserAttributeEntity a where a.id = :id";
    private static final String REPLACE =
            "update FederatedUserAttributeEntity a set a.value = :value where a.id = :id and a.value = :former";
    private static final String INSERT = "insert into FederatedUserAttributeEntity"
            + " (id, userId, realmId, storageProviderId, name, value)"
            + " values (:id, :user, :realm, :storage, :name, :value)";

    /** How often an invalidation begins anew when others invalidate the same at the same moment. */
    private static final int ATTEMPTS = 10;

    private final KeycloakSession session;
    private final RealmModel realm;

    Generations(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
    }

    /**
     * What tokens that are issued now belong to. A request that was found to bring a living refresh token gets the
     * generation that it was found alive in: were it read again, an invalidation in between would be outlived. Any other
     * takes what Keycloak's cache has beside the user, which an invalidation drops on all nodes. That may be outdated for a
     * moment; a token of an outdated generation is a dead one.
     */
    String current(UserSessionModel userSession, ClientModel client) {
        UserModel user = userSession.getUser();
        Row row = row(user.getId(), client);
        return Optional.ofNullable(session.getAttribute(row.id(), Generation.class))
                .or(() -> NewUsers.contain(session, user) ? Optional.of(Generation.first()) : kept(user, row))
                .orElseGet(() -> keep(user, row, read(session, row).orElseGet(Generation::first)))
                .current();
    }

    private static Optional<Generation> kept(UserModel user, Row row) {
        return ModelCache.beside(user).map(beside -> (Generation) beside.get(row));
    }

    private static Generation keep(UserModel user, Row row, Generation generation) {
        ModelCache.beside(user).ifPresent(beside -> beside.put(row, generation));
        return generation;
    }

    /**
     * Whether a refresh token of this session has not been invalidated, as the database has it; the answer holds for the
     * whole request.
     */
    boolean isAlive(JsonWebToken refreshToken, UserSessionModel userSession, ClientModel client) {
        UserModel user = userSession.getUser();
        Row row = row(user.getId(), client);
        // kept, in case that a node has died before it could tell of an invalidation
        Generation generation = keep(user, row, read(session, row).orElseGet(Generation::first));
        session.setAttribute(row.id(), generation);
        Object claim = refreshToken.getOtherClaims().getOrDefault(CLAIM, Generation.FIRST);
        return generation.isAlive(claim.toString(), userSession.getId());
    }

    /**
     * Ends every refresh token of the user for these clients, but those of the spared session. In force when it returns.
     *
     * @param sparedSession id of the user session, or empty
     * @param alongside what else is done in the same transaction; done again where that is rolled back
     * @throws BusyException when others are at the same again and again
     */
    void draw(UserModel user, List<ClientModel> clients, String sparedSession, Consumer<KeycloakSession> alongside) {
        List<Row> rows =
                clients.stream().map(client -> row(user.getId(), client)).toList();
        Consumer<KeycloakSession> all = alongside.andThen(own -> ModelCache.forget(own, user));
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (areDrawn(rows, sparedSession, all)) {
                return;
            }
        }
        throw new BusyException("user's refresh tokens");
    }

    private boolean areDrawn(List<Row> rows, String sparedSession, Consumer<KeycloakSession> alongside) {
        try {
            return KeycloakModelUtils.runJobInTransactionWithResult(
                    session.getKeycloakSessionFactory(),
                    session.getContext(),
                    own -> areDrawn(own, rows, sparedSession, alongside),
                    "convert-token invalidation");
        } catch (ModelException | PersistenceException e) {
            // most likely the first row of this user and client, which has been inserted in between
            LOGGER.debugf("Generation could not be drawn: %s", e.getClass().getName());
            return false;
        }
    }

    private boolean areDrawn(
            KeycloakSession own, List<Row> rows, String sparedSession, Consumer<KeycloakSession> alongside) {
        boolean areDrawn = rows.stream().allMatch(row -> isDrawn(own, row, sparedSession));
        if (areDrawn) {
            alongside.accept(own);
        } else {
            own.getTransactionManager().setRollbackOnly();
        }
        return areDrawn;
    }

    private boolean isDrawn(KeycloakSession own, Row row, String sparedSession) {
        Optional<Generation> former = read(own, row);
        String next = former.orElseGet(Generation::first).next(sparedSession).asText();
        EntityManager database = Database.of(own);
        if (former.isPresent()) {
            return database.createQuery(REPLACE)
                            .setParameter("id", row.id())
                            .setParameter("former", former.get().asText())
                            .setParameter("value", next)
                            .executeUpdate()
                    == 1;
        }
        return database.createQuery(INSERT)
                        .setParameter("id", row.id())
                        .setParameter("user", row.userId())
                        .setParameter("realm", realm.getId())
                        .setParameter("storage", new StorageId(row.userId()).getProviderId())
                        .setParameter("name", NAME_PREFIX + row.clientId())
                        .setParameter("value", next)
                        .executeUpdate()
                == 1;
    }

    private static Optional<Generation> read(KeycloakSession own, Row row) {
        List<String> values = Database.of(own)
                .createQuery(READ, String.class)
                .setParameter("id", row.id())
                .getResultList();
        return values.stream().findFirst().map(Generation::parse);
    }

    private Row row(String userId, ClientModel client) {
        return Row.of(realm.getId(), userId, client.getId());
    }

    /** One row for each user and client, by an id that leaves no room for a second. */
    private record Row(String id, String userId, String clientId) {

        static Row of(String realmId, String userId, String clientId) {
            String name = NAME_PREFIX + realmId + ":" + userId + ":" + clientId;
            UUID id = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
            return new Row(id.toString(), userId, clientId);
        }
    }
}
