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
 * The generation of refresh tokens for each user and client. A generation does not belong to a session. Therefore an
 * invalidation costs the same for one session and for thousands, and a session that is created anew does not bring dead
 * tokens back. The generation is stored in {@link GenerationRows} and read from the database when a token is used, so
 * that an invalidation is in force on every node when its transaction ends.
 */
final class Generations {

    private static final Logger LOGGER = Logger.getLogger(Generations.class);

    /** The claim of refresh tokens that holds the generation. */
    static final String CLAIM = "rtg";

    private static final String AHEAD = "ahead ";

    /** How often an invalidation is tried while other requests invalidate the same tokens. */
    private static final int ATTEMPTS = 10;

    private final KeycloakSession session;
    private final RealmModel realm;

    Generations(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
    }

    /**
     * Returns the generation of tokens that are issued now. A request with a living refresh token gets the generation
     * in which that token was found alive. If the generation were read again, the new token would outlive an
     * invalidation in between. Any other request gets the generation that Keycloak's cache keeps with the user; an
     * invalidation drops it on all nodes. A cached generation may be outdated for a moment, but a token of an outdated
     * generation is dead.
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
     * Reads the generation of a genuine refresh token that is about to be used. The same statement reads the rows that
     * Keycloak is going to need, so that the generation costs no statement of its own. Only the next call of
     * {@link #isAlive} uses the result.
     *
     * @param part the client, if Keycloak is going to read only the part of this client in the session
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
     * Returns whether a refresh token of this session is still valid, according to the database. The generation that
     * was read holds for the whole request.
     */
    boolean isAlive(JsonWebToken refreshToken, UserSessionModel userSession, ClientModel client) {
        UserModel user = userSession.getUser();
        Key key = key(user.getId(), client);
        // cached again, because a node may have died before it could tell the other nodes of an invalidation
        Generation generation = keep(user, key, readBefore(key).orElseGet(() -> read(session, key)));
        session.setAttribute(key.toString(), generation);
        String claim = Objects.toString(refreshToken.getOtherClaims().get(CLAIM), Generation.FIRST);
        return generation.isAlive(claim, userSession.getId());
    }

    /**
     * Ends the refresh tokens of the user for these clients, in the chosen sessions. The change is in force when the method
     * returns. Requests that do the same at the same moment notice each other by the compare-and-set. They then wait for each
     * other's locks, in the order of the keys.
     *
     * @param alongside other work in the same transaction; it is done again if the transaction is rolled back
     * @throws BusyException when other requests change the same generations again and again
     */
    void draw(UserModel user, List<ClientModel> clients, SessionChoice choice, Consumer<KeycloakSession> alongside) {
        List<Key> keys = clients.stream()
                .map(client -> key(user.getId(), client))
                .sorted(Comparator.comparing(Key::text))
                .toList();
        Consumer<KeycloakSession> all = alongside.andThen(own -> ModelCache.forget(own, user));
        boolean areDrawn = tryToDraw(keys, choice, GenerationRows::read, all);
        for (int attempt = 1; !areDrawn && attempt < ATTEMPTS; attempt++) {
            areDrawn = tryToDraw(keys, choice, GenerationRows::lock, all);
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
            List<Key> keys, SessionChoice choice, Reading reading, Consumer<KeycloakSession> alongside) {
        try {
            return KeycloakModelUtils.runJobInTransactionWithResult(
                    session.getKeycloakSessionFactory(),
                    session.getContext(),
                    own -> tryToDraw(own, keys, choice, reading, alongside),
                    "convert-token invalidation");
        } catch (RuntimeException e) {
            if (!StorageFault.isOfDatabase(e)) {
                throw e;
            }
            // most likely another request has inserted the first row of this user and client in between
            LOGGER.debugf("Generation could not be drawn: %s", e.getClass().getName());
            return false;
        }
    }

    private boolean tryToDraw(
            KeycloakSession own,
            List<Key> keys,
            SessionChoice choice,
            Reading reading,
            Consumer<KeycloakSession> alongside) {
        boolean areDrawn = keys.stream().allMatch(key -> tryToDraw(own, key, choice, reading));
        if (areDrawn) {
            alongside.accept(own);
        } else {
            own.getTransactionManager().setRollbackOnly();
        }
        return areDrawn;
    }

    private static boolean tryToDraw(KeycloakSession own, Key key, SessionChoice choice, Reading reading) {
        Optional<Stored> former = reading.read(own, key);
        Generation next = choice.after(orFirst(former));
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
