package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.verification.VerifiedIdentity;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.keycloak.crypto.JavaAlgorithm;
import org.keycloak.jose.jws.crypto.HashUtils;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.SingleUseObjectProvider;

/**
 * Lets one caller at a time, on all nodes, decide whose an identity is. The database does not: one identity may be linked
 * to several users (Keycloak 26.7.3: the key of {@code FEDERATED_IDENTITY} is provider and user), after which nobody can
 * sign in with it, and user name and e-mail address need not be the same in two tokens of one person.
 */
final class IdentityLock {

    private static final String KEY = "convert-token.identity.";

    /** Seconds after which the lock of a node that died is free. */
    private static final long LIFESPAN = 30;

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final SingleUseObjectProvider locks;
    private final String key;

    IdentityLock(KeycloakSession session, VerifiedIdentity identity) {
        String name = identity.backend().identityProvider().getInternalId() + ":" + identity.subject();
        byte[] digest = HashUtils.hash(JavaAlgorithm.SHA256, name.getBytes(StandardCharsets.UTF_8));
        this.locks = session.getProvider(SingleUseObjectProvider.class);
        this.key = KEY + HexFormat.of().formatHex(digest);
    }

    /**
     * Decides by itself, or waits for what others decide.
     *
     * @param known what has been decided, if it has
     * @param decision to be made while nobody else decides; it is in force when it returns
     * @throws IdentityBusyException when it takes others too long
     */
    <T> T decide(Supplier<Optional<T>> known, Supplier<T> decision) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!locks.putIfAbsent(key, LIFESPAN)) {
            if (System.nanoTime() > deadline) {
                throw new IdentityBusyException();
            }
            LockSupport.parkNanos(PAUSE.toNanos());
            Optional<T> decided = locks.contains(key) ? Optional.empty() : known.get();
            if (decided.isPresent()) {
                return decided.get();
            }
        }
        try {
            return known.get().orElseGet(decision);
        } finally {
            locks.remove(key);
        }
    }
}
