// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakTransaction;
import org.keycloak.models.KeycloakTransactionManager;
import org.keycloak.models.SingleUseObjectProvider;

/**
 * When a caller who has found nothing a moment ago must ask again, in an order that no test from outside can bring about;
 * {@code RacesIT} has the rest on a real Keycloak.
 */
class ClusterLockTest {

    private final Set<Object> keys = new HashSet<>();
    private final AtomicReference<Optional<String>> stored = new AtomicReference<>(Optional.empty());

    @Test
    void whoComesAloneDoesNotAskAgain() {
        Transaction transaction = new Transaction();

        String decided = transaction.lock().decideInTransaction(ClusterLockTest::unasked, () -> "mine");

        assertThat(decided).isEqualTo("mine");
    }

    @Test
    void whoHasAskedBeforeAnotherDecidedAsksAgain() {
        decideInTransaction("another's").commit();

        assertThat(decidedNext()).isEqualTo("another's");
    }

    /** Of a commit that failed nobody knows whether it came to pass. */
    @Test
    void whoHasAskedBeforeAnotherFailedAsksAgain() {
        decideInTransaction("another's").rollback();

        assertThat(decidedNext()).isEqualTo("another's");
    }

    @Test
    void whoHasAskedBeforeAnotherDecidedInATransactionOfItsOwnAsksAgain() {
        new Transaction().lock().decide(() -> store("another's"));

        assertThat(decidedNext()).isEqualTo("another's");
    }

    @Test
    void whoHasAskedBeforeADecisionThatFailedAtItsEndAsksAgain() {
        assertThatThrownBy(() -> new Transaction().lock().decide(() -> {
                    store("another's");
                    throw new IllegalStateException("after the commit");
                }))
                .hasMessage("after the commit");

        assertThat(decidedNext()).isEqualTo("another's");
    }

    @Test
    void decisionIsSaidAnewEachTime() {
        decideInTransaction("another's").commit();
        stored.set(Optional.empty());
        decideInTransaction("a third one's").commit();

        assertThat(decidedNext()).isEqualTo("a third one's");
    }

    @Test
    void lockIsHeldUntilTheTransactionHasEnded() {
        Transaction transaction = decideInTransaction("mine");

        assertThat(keys).hasSize(1);
        transaction.commit();
        assertThat(keys).noneMatch(key -> key.toString().startsWith("convert-token.lock."));
    }

    @Test
    void lockThatIsTakenIsHeldUntilTheTransactionHasFailed() {
        Transaction transaction = new Transaction();

        transaction.lock().takeInTransaction();

        assertThat(keys).hasSize(1);
        transaction.rollback();
        assertThat(keys).noneMatch(key -> key.toString().startsWith("convert-token.lock."));
    }

    private Transaction decideInTransaction(String decision) {
        Transaction transaction = new Transaction();
        transaction.lock().decideInTransaction(stored::get, () -> store(decision));
        return transaction;
    }

    private String decidedNext() {
        return new Transaction().lock().decideInTransaction(stored::get, () -> "mine");
    }

    private String store(String decision) {
        stored.set(Optional.of(decision));
        return decision;
    }

    private static Optional<String> unasked() {
        throw new AssertionError("asked again");
    }

    /** A session's transaction, and what the lock enlists in it; all share what Keycloak holds in its cache of single uses. */
    private final class Transaction {

        private final Set<KeycloakTransaction> afterwards = new HashSet<>();

        ClusterLock lock() {
            return new ClusterLock(
                    fake(KeycloakSession.class, (proxy, method, arguments) -> switch (method.getName()) {
                        case "getProvider" -> singleUses();
                        case "getTransactionManager" -> manager();
                        default -> throw new UnsupportedOperationException(method.getName());
                    }),
                    "identity",
                    "name");
        }

        void commit() {
            afterwards.forEach(KeycloakTransaction::commit);
        }

        void rollback() {
            afterwards.forEach(KeycloakTransaction::rollback);
        }

        private KeycloakTransactionManager manager() {
            return fake(KeycloakTransactionManager.class, (proxy, method, arguments) -> {
                AbstractKeycloakTransaction enlisted = (AbstractKeycloakTransaction) arguments[0];
                enlisted.begin();
                afterwards.add(enlisted);
                return null;
            });
        }

        private SingleUseObjectProvider singleUses() {
            return fake(SingleUseObjectProvider.class, (proxy, method, arguments) -> switch (method.getName()) {
                case "putIfAbsent" -> keys.add(arguments[0]);
                case "contains" -> keys.contains(arguments[0]);
                case "remove" -> keys.remove(arguments[0]) ? Map.of() : null;
                default -> throw new UnsupportedOperationException(method.getName());
            });
        }

        private <T> T fake(Class<T> type, InvocationHandler handler) {
            return type.cast(Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {type}, handler));
        }
    }
}
