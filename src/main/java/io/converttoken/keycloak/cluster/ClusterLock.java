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

/** Lets one caller at a time, on all nodes, decide about one thing, where no constraint of the database would. */
public final class ClusterLock {

    private static final String KEY = "convert-token.lock.";
    private static final String DECIDED_KEY = "convert-token.decided.";

    /** Seconds after which the lock of a node that has died is free. They have to be more than any decision takes. */
    private static final long LIFESPAN = 30;

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final KeycloakSession session;
    private final SingleUseObjectProvider locks;
    private final String what;
    private final String key;
    private final String decidedKey;

    /**
     * @param what kind of thing, in a word
     * @param name of the thing, unique among its kind on this server
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
     * Decides by itself within the session's transaction, or waits for what others decide. Nobody else decides before
     * that transaction has ended, for better or worse.
     *
     * @param known what has been decided, if it has; the caller has asked a moment ago, and nothing had
     * @param decision to be made where nothing has been decided
     * @throws BusyException when it takes others too long
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
     * Waits until nobody else decides. Nobody else decides before the session's transaction has ended.
     *
     * @throws BusyException when it takes others too long
     */
    public void takeInTransaction() {
        awaitTurn(Optional::empty);
        session.getTransactionManager().enlistAfterCompletion(new Release());
    }

    /**
     * Decides when nobody else does.
     *
     * @param decision is in force when it returns
     * @throws BusyException when it takes others too long
     */
    public <T> T decide(Supplier<T> decision) {
        awaitTurn(Optional::empty);
        try {
            return decision.get();
        } finally {
            release();
        }
    }

    /** Returns what others have decided, or nothing where it is the caller's turn. */
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
     * Whoever takes the lock next, and has asked what is known before this, must hear that something may have been decided:
     * until that is said the lock is not free. It is said of failures too, for a commit that failed may have come to pass.
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
