// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.revocation;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.internals.IdentityRows;
import io.converttoken.keycloak.internals.ServerRows;
import io.converttoken.keycloak.metrics.Meters;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;
import io.converttoken.keycloak.verification.ExternalTokenVerifiers;
import io.converttoken.keycloak.verification.Revocable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.keycloak.common.util.Time;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/** Works off the revocations that are due, one after the other, on a thread of its own, if no other node does. */
final class Worker implements AutoCloseable {

    private static final Logger LOGGER = Logger.getLogger(Worker.class);
    private static final ServerRows.Key CURSOR = ServerRows.Key.ordered("lease", "sweep", "cursor");
    private static final long LONGEST_PAUSE = Duration.ofHours(1).toMillis();
    private static final int MOST_DOUBLINGS = 20;
    private static final String UNREADY = ReasonCode.BACKEND_MISCONFIGURED.code();

    private final KeycloakSessionFactory factory;
    private final RevocationOptions options;
    private final Lease lease;
    private final ScheduledExecutorService thread;
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private long nextSweep;

    Worker(KeycloakSessionFactory factory, RevocationOptions options) {
        this.factory = factory;
        this.options = options;
        this.lease = new Lease(factory);
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "convert-token-revocation");
            made.setDaemon(true);
            return made;
        });
    }

    void start() {
        long interval = options.interval().toMillis();
        nextSweep = Time.currentTimeMillis() + options.sweepInterval().toMillis();
        thread.scheduleWithFixedDelay(this::work, interval, interval, TimeUnit.MILLISECONDS);
    }

    /** Looks for revocations that are due at once. */
    void wake() {
        if (isWoken.compareAndSet(false, true)) {
            try {
                thread.execute(this::work);
            } catch (RejectedExecutionException e) {
                LOGGER.debug("The server is stopping, and another node or the next start goes on");
            }
        }
    }

    /** Catches failures, because a failure would stop the timer. The next look comes soon. */
    private void work() {
        isWoken.set(false);
        try {
            sweep();
            List<ServerRows.Row> due = due();
            while (!due.isEmpty()) {
                for (ServerRows.Row row : due) {
                    if (!lease.isHeld()) {
                        return;
                    }
                    new Attempt(row).make();
                }
                due = due();
            }
        } catch (RuntimeException e) {
            LOGGER.warnf("Revocations are worked off later: %s", e.getClass().getName());
        }
    }

    private List<ServerRows.Row> due() {
        return inTransaction(session -> DueRevocations.page(session, Time.currentTimeMillis()));
    }

    private void sweep() {
        if (Time.currentTimeMillis() < nextSweep || !lease.isHeld()) {
            return;
        }
        nextSweep = Time.currentTimeMillis() + options.sweepInterval().toMillis();
        inTransaction(session -> {
            String cursor = ServerRows.read(session, CURSOR).orElse("").trim();
            // Oracle takes an empty text for none
            ServerRows.write(session, CURSOR, new Sweep(session, options).page(cursor) + " ");
            return true;
        });
    }

    private <T> T inTransaction(Function<KeycloakSession, T> job) {
        return KeycloakModelUtils.runJobInTransactionWithResult(factory, job::apply);
    }

    /** One attempt. The provider is called between two transactions. */
    private final class Attempt {

        private final ServerRows.Row row;
        private final Entry entry;

        Attempt(ServerRows.Row row) {
            this.row = row;
            this.entry = Entry.parse(row.value());
        }

        void make() {
            boolean isPointless = inTransaction(this::isPointless);
            if (isPointless) {
                inTransaction(session -> ServerRows.delete(session, row.key()));
                return;
            }
            Optional<Backend> backend = inTransaction(session -> inRealm(session, this::backend));
            Optional<String> failure = backend.map(this::revoke).orElse(Optional.of(UNREADY));
            if (failure.isEmpty()) {
                finish(
                        Meters.Revocation.REVOKED,
                        session -> event(session, EventType.REVOKE_GRANT).success());
            } else if (isTooOld()) {
                finish(
                        Meters.Revocation.GIVEN_UP,
                        session -> event(session, EventType.REVOKE_GRANT)
                                .detail(Details.REASON, failure.get())
                                .error("revocation_given_up"));
            } else {
                tryLater(failure.get());
            }
        }

        /** Nothing is to be done if the identity provider is gone, or if the identity is linked again. */
        private boolean isPointless(KeycloakSession session) {
            RealmModel realm = session.realms().getRealm(entry.realm());
            if (realm == null) {
                return true;
            }
            session.getContext().setRealm(realm);
            IdentityProviderModel provider = session.identityProviders().getById(entry.provider());
            return provider == null
                    || IdentityRows.tokens(
                                    session,
                                    realm.getId(),
                                    provider.getAlias(),
                                    entry.revocable().person())
                            .stream()
                            .anyMatch(token -> isInUse(entry.revocable(), token));
        }

        private static boolean isInUse(Revocable revocable, String stored) {
            return !revocable.isToken() || stored.contains(revocable.token());
        }

        private Optional<Backend> backend(KeycloakSession session) {
            return Optional.ofNullable(session.identityProviders().getById(entry.provider()))
                    .flatMap(provider -> new Backends(session).of(provider));
        }

        /** Returns why it has failed. Realm and identity provider come from the cache, so that no query is made. */
        private Optional<String> revoke(Backend backend) {
            return inTransaction(session -> inRealm(session, own -> {
                try {
                    new ExternalTokenVerifiers(session).revoke(entry.revocable(), backend);
                    return Optional.empty();
                } catch (RefusedException e) {
                    return Optional.of(e.reason().code().code());
                }
            }));
        }

        private <T> Optional<T> inRealm(KeycloakSession session, Function<KeycloakSession, Optional<T>> job) {
            RealmModel realm = session.realms().getRealm(entry.realm());
            if (realm == null) {
                return Optional.empty();
            }
            session.getContext().setRealm(realm);
            return job.apply(session);
        }

        private boolean isTooOld() {
            return Time.currentTimeMillis() - entry.since()
                    > options.giveUpAfter().toMillis();
        }

        private void finish(Meters.Revocation outcome, Consumer<KeycloakSession> told) {
            inTransaction(session -> inRealm(session, own -> {
                if (ServerRows.delete(session, row.key())) {
                    told.accept(session);
                    count(session, outcome);
                }
                return Optional.of(outcome);
            }));
        }

        private void tryLater(String reason) {
            LOGGER.debugf("Identity provider '%s' has not revoked a token: %s", entry.alias(), reason);
            inTransaction(session -> inRealm(session, own -> {
                if (ServerRows.delete(session, row.key())) {
                    DueRevocations.add(session, entry.failed(), Time.currentTimeMillis() + pause());
                    count(session, Meters.Revocation.FAILED);
                }
                return Optional.of(reason);
            }));
        }

        private void count(KeycloakSession session, Meters.Revocation outcome) {
            backend(session).ifPresent(backend -> backend.meters(session).revocation(outcome));
        }

        /** Each pause is twice as long as the one before, and some are a fifth shorter or longer than others. */
        private long pause() {
            long exact = Math.min(
                    options.firstRetry().toMillis() << Math.min(entry.attempts(), MOST_DOUBLINGS), LONGEST_PAUSE);
            return (long) (exact * ThreadLocalRandom.current().nextDouble(0.8, 1.2));
        }

        private EventBuilder event(KeycloakSession session, EventType type) {
            return new EventBuilder(session.getContext().getRealm(), session)
                    .event(type)
                    .user(entry.user())
                    .detail(Details.IDENTITY_PROVIDER, entry.alias())
                    .detail(
                            Details.IDENTITY_PROVIDER_USERNAME,
                            entry.revocable().person());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
