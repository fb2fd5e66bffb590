// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.SignalConfig;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.internals.SessionOrigins;
import io.converttoken.keycloak.internals.SessionOrigins.Origin;
import io.converttoken.keycloak.invalidation.Invalidation;
import io.converttoken.keycloak.invalidation.SessionChoice;
import io.converttoken.keycloak.linking.ConnectionRefusedException;
import io.converttoken.keycloak.linking.IdentityDisconnector;
import io.converttoken.keycloak.signals.LinkedPeople.Linked;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.storage.ReadOnlyException;

/**
 * Carries a signal out for one person. The account changes first, so that nobody signs in anew before the sessions end.
 * When the method returns, everything is in force on all nodes, and a crash does not undo it.
 */
final class SignalExecutor {

    private static final Logger LOGGER = Logger.getLogger(SignalExecutor.class);

    private static final int ATTEMPTS = 3;

    private final KeycloakSession session;
    private final Backend backend;
    private final SignalConfig config;
    private final AccountStates states;

    SignalExecutor(KeycloakSession session, Backend backend) {
        this.session = session;
        this.backend = backend;
        this.config = backend.config().signals();
        this.states = new AccountStates(session, session.getContext().getRealm());
    }

    /** @throws BusyException when other requests change the same, or sessions go on appearing */
    Outcome carryOut(Signal signal, Linked linked) {
        AccountChange change = changeAccount(signal, linked);
        if (signal.meaning() == Meaning.ACCOUNT_ENABLED) {
            return Outcome.ended(0, 0, change);
        }
        Outcome outcome = Outcome.ended(0, 0, change);
        Set<String> ids = sessionsBefore(signal, linked.user());
        // once more where somebody was signing in at the same moment
        for (int i = 0; i < ATTEMPTS && !ids.isEmpty(); i++) {
            Invalidation.Count ended = new Invalidation(
                            session, linked.user(), Optional.empty(), SessionChoice.only(ids))
                    .invalidateSessions();
            outcome = outcome.and(Outcome.ended(ended.sessions(), ended.offlineSessions(), AccountChange.NONE));
            ids = sessionsBefore(signal, linked.user());
        }
        if (!ids.isEmpty()) {
            // not acknowledged, because it is not in force
            throw new BusyException("user's sessions");
        }
        return outcome;
    }

    private AccountChange changeAccount(Signal signal, Linked linked) {
        return switch (signal.meaning()) {
            case ACCOUNT_DISABLED ->
                config.onAccountDisabled() == SignalConfig.OnAccountDisabled.DISABLE_USER
                        ? disable(signal, linked)
                        : AccountChange.NONE;
            case ACCOUNT_ENABLED -> enable(signal, linked);
            case ACCOUNT_GONE ->
                switch (config.onAccountDeleted()) {
                    case END_SESSIONS -> AccountChange.NONE;
                    case DISABLE_USER -> disable(signal, linked);
                    case DISCONNECT -> disconnect(signal, linked);
                };
            case SESSIONS_END, NOTED -> AccountChange.NONE;
        };
    }

    private AccountChange disable(Signal signal, Linked linked) {
        try {
            return states.disable(backend, linked, signal.happened());
        } catch (ReadOnlyException e) {
            return refusedByDirectory(linked, e);
        }
    }

    private AccountChange enable(Signal signal, Linked linked) {
        try {
            return states.enable(backend, linked, signal.happened());
        } catch (ReadOnlyException e) {
            return refusedByDirectory(linked, e);
        }
    }

    /** The sessions end all the same. */
    private static AccountChange refusedByDirectory(Linked linked, RuntimeException cause) {
        LOGGER.warnf(
                "User '%s' stays as it is, because its directory takes no changes: %s",
                linked.user().getId(), cause.getClass().getName());
        return AccountChange.NONE;
    }

    /** Where the identity is the only way to sign in, the link stays, and the sessions end all the same. */
    private AccountChange disconnect(Signal signal, Linked linked) {
        if (states.isOutdated(backend, linked, signal.happened())) {
            return AccountChange.NONE;
        }
        boolean isDisconnected = isDisconnected(linked);
        states.note(backend, linked, signal.happened());
        return isDisconnected ? AccountChange.DISCONNECTED : AccountChange.NONE;
    }

    private boolean isDisconnected(Linked linked) {
        try {
            new IdentityDisconnector(session)
                    .unlink(
                            linked.user().getId(),
                            backend.alias(),
                            Optional.of(linked.link().getUserId()));
            return true;
        } catch (ConnectionRefusedException e) {
            LOGGER.debugf("Identity stays connected: %s", e.reason().code().code());
            return false;
        }
    }

    /**
     * Returns the ids of the sessions that began before it happened. They are read in a transaction of their own, because
     * under REPEATABLE READ the transaction of the request would find sessions that have ended since, and none that is new.
     */
    private Set<String> sessionsBefore(Signal signal, UserModel user) {
        long happened = signal.happened().getEpochSecond();
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                own -> SessionOrigins.of(own, user).stream()
                        .filter(origin -> origin.began() <= happened)
                        .filter(origin -> config.scope() == SignalConfig.Scope.USER || isMeant(origin, signal))
                        .map(Origin::sessionId)
                        .collect(Collectors.toUnmodifiableSet()),
                "convert-token signal");
    }

    /**
     * Where a single session at the provider has ended, a session here that may have come from it ends, too: of some
     * sessions nobody knows from which one they came.
     */
    private boolean isMeant(Origin origin, Signal signal) {
        boolean isOfBackend = origin.alias().filter(backend.alias()::equals).isPresent();
        return isOfBackend
                && (signal.upstreamSession().isEmpty()
                        || origin.upstreamSession().isEmpty()
                        || origin.upstreamSession()
                                .equals(signal.upstreamSession().map(id -> backend.alias() + "." + id)));
    }
}
