// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.internals.GenerationRows;
import io.converttoken.keycloak.internals.GenerationRows.Key;
import io.converttoken.keycloak.internals.GenerationRows.Stored;
import io.converttoken.keycloak.internals.ModelCache;
import io.converttoken.keycloak.internals.NewUsers;
import io.converttoken.keycloak.internals.SessionRows;
import io.converttoken.keycloak.internals.StorageFault;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.representations.JsonWebToken;
import org.keycloak.representations.RefreshToken;
import org.keycloak.util.TokenUtil;

/**
 * The generation of refresh tokens per user and client. It belongs to them, not to a session, so that invalidating costs
 * the same for one session and for thousands, and no session that is created anew brings dead tokens back. It is stored in
 * {@link GenerationRows} and read from the database when a token is used, so that it is in force on every node when the
 * transaction ends.
 */
final class Generations {

    private static final Logger LOGGER = Logger.getLogger(Generations.class);

    /** The claim of refresh tokens. */
    static final String CLAIM = "rtg";

    private static final String AHEAD = "ahead ";

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
     * takes what Keycloak's cache keeps with the user, which an invalidation drops on all nodes. That may be outdated for a
     * moment; a token of an outdated generation is a dead one.
     */
    String current(UserSessionModel userSession, ClientModel client) {
        UserModel user = userSession.getUser();
        Key key = key(user.getId(), client);
        return Optional.ofNullable(session.getAttribute(key.toString(), Generation.class))
                .or(() -> NewUsers.contain(session, user) ? Optional.of(Generation.first()) : kept(user, key))
                .orElseGet(() -> keep(user, key, read(session, key)))
                .current();
    }

    private static Optional<Generation> kept(UserModel user, Key key) {
        return ModelCache.beside(user).map(beside -> (Generation) beside.get(key));
    }

    private static Generation keep(UserModel user, Key key, Generation generation) {
        ModelCache.beside(user).ifPresent(beside -> beside.put(key, generation));
        return generation;
    }

    /**
     * Reads the generation of a genuine refresh token that is about to be used, together with what Keycloak is going to read,
     * so that it costs no statement of its own. What is found counts for the next {@link #isAlive} alone.
     *
     * @param part the client, where Keycloak is going to read its part of the session alone, and not all parts
     */
    void readAhead(RefreshToken refreshToken, ClientModel client, Optional<ClientModel> part) {
        if (refreshToken.getSubject() == null
                || refreshToken.getSessionId() == null
                || !SessionRows.areInUse(session)) {
            return;
        }
        Key key = key(refreshToken.getSubject(), client);
        boolean isOffline = TokenUtil.TOKEN_TYPE_OFFLINE.equals(refreshToken.getType());
        GenerationRows.readWithSession(session, key, refreshToken.getSessionId(), isOffline, part)
                .map(Generations::orFirst)
                .ifPresent(generation -> session.setAttribute(AHEAD + key, generation));
    }

    private Optional<Generation> readBefore(Key key) {
        return Optional.ofNullable((Generation) session.removeAttribute(AHEAD + key));
    }

    /**
     * Whether a refresh token of this session has not been invalidated, as the database has it; the answer holds for the
     * whole request.
     */
    boolean isAlive(JsonWebToken refreshToken, UserSessionModel userSession, ClientModel client) {
        UserModel user = userSession.getUser();
        Key key = key(user.getId(), client);
        // kept, in case that a node has died before it could tell of an invalidation
        Generation generation = keep(user, key, readBefore(key).orElseGet(() -> read(session, key)));
        session.setAttribute(key.toString(), generation);
        String claim = Objects.toString(refreshToken.getOtherClaims().get(CLAIM), Generation.FIRST);
        return generation.isAlive(claim, userSession.getId());
    }

    /**
     * Ends every refresh token of the user for these clients, but those of the spared session. In force when it returns.
     * Requests that do the same at the same moment find out by the compare-and-set, and then wait for each other's locks, in
     * the order of the keys.
     *
     * @param sparedSession id of the user session, or empty
     * @param alongside what else is done in the same transaction; done again where that is rolled back
     * @throws BusyException when others are at the same again and again
     */
    void draw(UserModel user, List<ClientModel> clients, String sparedSession, Consumer<KeycloakSession> alongside) {
        List<Key> keys = clients.stream()
                .map(client -> key(user.getId(), client))
                .sorted(Comparator.comparing(Key::text))
                .toList();
        Consumer<KeycloakSession> all = alongside.andThen(own -> ModelCache.forget(own, user));
        boolean areDrawn = tryToDraw(keys, sparedSession, GenerationRows::read, all);
        for (int attempt = 1; !areDrawn && attempt < ATTEMPTS; attempt++) {
            areDrawn = tryToDraw(keys, sparedSession, GenerationRows::lock, all);
        }
        if (!areDrawn) {
            throw new BusyException("user's refresh tokens");
        }
    }

    /** How the present generation is read. */
    @FunctionalInterface
    private interface Reading {
        Optional<Stored> read(KeycloakSession own, Key key);
    }

    private boolean tryToDraw(
            List<Key> keys, String sparedSession, Reading reading, Consumer<KeycloakSession> alongside) {
        try {
            return KeycloakModelUtils.runJobInTransactionWithResult(
                    session.getKeycloakSessionFactory(),
                    session.getContext(),
                    own -> tryToDraw(own, keys, sparedSession, reading, alongside),
                    "convert-token invalidation");
        } catch (RuntimeException e) {
            if (!StorageFault.isOfDatabase(e)) {
                throw e;
            }
            // most likely the first row of this user and client, which has been inserted in between
            LOGGER.debugf("Generation could not be drawn: %s", e.getClass().getName());
            return false;
        }
    }

    private boolean tryToDraw(
            KeycloakSession own,
            List<Key> keys,
            String sparedSession,
            Reading reading,
            Consumer<KeycloakSession> alongside) {
        boolean areDrawn = keys.stream().allMatch(key -> tryToDraw(own, key, sparedSession, reading));
        if (areDrawn) {
            alongside.accept(own);
        } else {
            own.getTransactionManager().setRollbackOnly();
        }
        return areDrawn;
    }

    private static boolean tryToDraw(KeycloakSession own, Key key, String sparedSession, Reading reading) {
        Optional<Stored> former = reading.read(own, key);
        Generation next = orFirst(former).next(sparedSession);
        return GenerationRows.replace(own, key, former, next.asText());
    }

    private static Generation read(KeycloakSession session, Key key) {
        return orFirst(GenerationRows.read(session, key));
    }

    private static Generation orFirst(Optional<Stored> stored) {
        return stored.map(Stored::generation).map(Generation::parse).orElseGet(Generation::first);
    }

    private Key key(String userId, ClientModel client) {
        return new Key(realm.getId(), userId, client.getId());
    }
}
