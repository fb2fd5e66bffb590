package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.cluster.ClusterLock;
import java.util.List;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
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
 * database each time, so that it is in force on every node when the transaction ends; gone with the user; seen by no API
 * and by no profile form, which would drop it.
 */
final class Generations {

    /** The claim of refresh tokens. */
    static final String CLAIM = "rtg";

    private static final String NAME_PREFIX = "convert-token.rtg.";
    private static final String OF_NAME = " where a.userId = :user and a.realmId = :realm and a.name = :name";
    private static final String READ = "select a.value from FederatedUserAttributeEntity a" + OF_NAME;
    private static final String DELETE = "delete from FederatedUserAttributeEntity a" + OF_NAME;
    private static final String INSERT = "insert into FederatedUserAttributeEntity"
            + " (id, userId, realmId, storageProviderId, name, value)"
            + " values (:id, :user, :realm, :storage, :name, :value)";

    private final KeycloakSession session;
    private final RealmModel realm;

    Generations(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
    }

    /** What tokens that are issued now belong to. */
    String current(UserSessionModel userSession, ClientModel client) {
        return read(session, userSession.getUser().getId(), client).current();
    }

    /** Whether a refresh token of this session has not been invalidated. */
    boolean isAlive(JsonWebToken refreshToken, UserSessionModel userSession, ClientModel client) {
        Object claim = refreshToken.getOtherClaims().getOrDefault(CLAIM, Generation.FIRST);
        return read(session, userSession.getUser().getId(), client).isAlive(claim.toString(), userSession.getId());
    }

    /**
     * Ends every refresh token of the user for the client, but those of the spared session. In force when it returns.
     *
     * @param sparedSession id of the user session, or empty
     */
    void draw(UserModel user, ClientModel client, String sparedSession) {
        new ClusterLock(session, "generation", realm.getId() + ":" + user.getId()).decide(() -> {
            KeycloakModelUtils.runJobInTransaction(
                    session.getKeycloakSessionFactory(),
                    session.getContext(),
                    own -> write(
                            own,
                            user.getId(),
                            client,
                            read(own, user.getId(), client).next(sparedSession)));
            return true;
        });
    }

    private Generation read(KeycloakSession own, String userId, ClientModel client) {
        List<String> values = Database.of(own)
                .createQuery(READ, String.class)
                .setParameter("user", userId)
                .setParameter("realm", realm.getId())
                .setParameter("name", NAME_PREFIX + client.getId())
                .getResultList();
        return values.isEmpty() ? Generation.first() : Generation.parse(values.get(0));
    }

    private void write(KeycloakSession own, String userId, ClientModel client, Generation generation) {
        String name = NAME_PREFIX + client.getId();
        Database.of(own)
                .createQuery(DELETE)
                .setParameter("user", userId)
                .setParameter("realm", realm.getId())
                .setParameter("name", name)
                .executeUpdate();
        Database.of(own)
                .createQuery(INSERT)
                .setParameter("id", KeycloakModelUtils.generateId())
                .setParameter("user", userId)
                .setParameter("realm", realm.getId())
                .setParameter("storage", new StorageId(userId).getProviderId())
                .setParameter("name", name)
                .setParameter("value", generation.asText())
                .executeUpdate();
    }
}
