// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.cluster;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.keycloak.crypto.JavaAlgorithm;
import org.keycloak.jose.jws.crypto.HashUtils;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.SingleUseObjectProvider;

/** Lets one caller at a time, on all nodes, decide about one thing that no constraint of the database protects. */
public final class ClusterLock {

    private static final String KEY = "convert-token.lock.";
    private static final String DECIDED_KEY = "convert-token.decided.";

    /** The seconds after which the lock of a dead node is free. They must be more than any decision takes. */
    private static final long LIFESPAN = 30;

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final KeycloakSession session;
    private final SingleUseObjectProvider locks;
    private final String what;
    private final String key;
    private final String decidedKey;

    /**
     * @param what the kind of thing, in a few words
     * @param name the name of the thing, unique among its kind on this server
     */
    public ClusterLock(KeycloakSession session, String what, String name) {
        byte[] digest = HashUtils.hash(JavaAlgorithm.SHA256, name.getBytes(StandardCharsets.UTF_8));
        this.session = session;
        this.locks = session.getProvider(SingleUseObjectProvider.class);
        this.what = what;
        String thing = what + "." + HexFormat.of().formatHex(digest);
        this.key = KEY + thing;
        this.decidedKey = DECIDED_KEY + thing;
    }

    /**
     * Makes the decision within the session's transaction, or waits for another caller to make it. No other caller
     * decides before that transaction has been committed or rolled back.
     *
     * @param known reads the decision, if there is one; the caller has just read it and found none
     * @param decision makes the decision if there is none
     * @throws BusyException when other callers take too long
     */
    public <T> T decideInTransaction(Supplier<Optional<T>> known, Supplier<T> decision) {
        boolean isFirst = locks.putIfAbsent(key, LIFESPAN);
        Optional<T> decided = isFirst ? Optional.empty() : awaitTurn(known);
        if (decided.isEmpty()) {
            session.getTransactionManager().enlistAfterCompletion(new Release());
            boolean mayBeKnown = !isFirst || locks.contains(decidedKey);
            decided = mayBeKnown ? known.get() : Optional.empty();
        }
        return decided.orElseGet(decision);
    }

    /**
     * Takes the lock, and holds it until the session's transaction has ended.
     *
     * @throws BusyException when other callers take too long
     */
    public void takeInTransaction() {
        awaitTurn(Optional::empty);
        session.getTransactionManager().enlistAfterCompletion(new Release());
    }

    /**
     * Takes the lock, makes the decision and releases the lock.
     *
     * @param decision makes the decision, which must be in force when it returns
     * @throws BusyException when other callers take too long
     */
    public <T> T decide(Supplier<T> decision) {
        awaitTurn(Optional::empty);
        try {
            return decision.get();
        } finally {
            release();
        }
    }

    /** Returns the decision of another caller, or nothing if it is the turn of this caller. */
    private <T> Optional<T> awaitTurn(Supplier<Optional<T>> known) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!locks.putIfAbsent(key, LIFESPAN)) {
            if (System.nanoTime() > deadline) {
                throw new BusyException(what);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
            Optional<T> decided = locks.contains(key) ? Optional.empty() : known.get();
            if (decided.isPresent()) {
                return decided;
            }
        }
        return Optional.empty();
    }

    /**
     * Notes that something may have been decided, and only then frees the lock, because the next caller may have read
     * what is known before the decision. A failure is noted too, because a commit that failed may have taken effect.
     */
    private void release() {
        if (!locks.putIfAbsent(decidedKey, LIFESPAN)) {
            locks.remove(decidedKey);
            locks.putIfAbsent(decidedKey, LIFESPAN);
        }
        locks.remove(key);
    }

    private final class Release extends AbstractKeycloakTransaction {

        @Override
        protected void commitImpl() {
            release();
        }

        @Override
        protected void rollbackImpl() {
            release();
        }
    }
}
