// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.linking;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.backend.ClientNotAllowedException;
import io.converttoken.keycloak.backend.UnknownBackendException;
import io.converttoken.keycloak.brokering.IdentityLocks;
import io.converttoken.keycloak.brokering.LinkedUsers;
import io.converttoken.keycloak.brokering.LookalikeException;
import io.converttoken.keycloak.brokering.OvertakenException;
import io.converttoken.keycloak.brokering.ProfileSynchronisation;
import io.converttoken.keycloak.brokering.UnstorableProfile;
import io.converttoken.keycloak.brokering.UserRefusedException;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.limits.TooManyFailuresException;
import io.converttoken.keycloak.metrics.Meters;
import io.converttoken.keycloak.metrics.NodeMeters;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ExternalTokenVerifiers;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.VerifiedIdentity;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelDuplicateException;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

/** Connects an identity to the account of somebody who is signed in. */
public final class IdentityConnector {

    /** The outcome in the metric, for each exception that refuses a connection. */
    private static final Map<Class<? extends RuntimeException>, String> OUTCOMES = Map.of(
            InvalidParameterException.class, "request",
            UnknownBackendException.class, "request",
            ClientNotAllowedException.class, "client",
            ExternalTokenRefusedException.class, "token",
            ProviderUnavailableException.class, "provider",
            BusyException.class, "provider",
            OvertakenException.class, "provider",
            TooManyFailuresException.class, "too_many");

    private final KeycloakSession session;
    private final RealmModel realm;
    private final EventBuilder event;

    /** @param event the event to which details are added */
    public IdentityConnector(KeycloakSession session, EventBuilder event) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.event = event;
    }

    /**
     * Connects the identity that an external token or a code names. If it throws, the session's transaction must be
     * rolled back, so that a token for single use can be used again.
     *
     * @param client the client that the caller uses; the backend must allow it
     * @throws ConnectionRefusedException when the account cannot have the identity
     * @throws UnknownBackendException when no backend has that name
     * @throws ClientNotAllowedException when the client may not convert tokens of the backend
     * @throws ExternalTokenRefusedException when the token is not genuine, not valid now, or not ours
     */
    public void connect(UserModel user, ClientModel client, Connection connection) {
        Backend backend = counting(
                NodeMeters.of(session).of(realm), () -> new Backends(session).enabledFor(client, connection.backend()));
        event.detail(Details.IDENTITY_PROVIDER, backend.alias());
        Meters meters = backend.meters(session);
        counting(meters, () -> {
            connect(user, backend, connection);
            return true;
        });
        meters.connection("success");
    }

    /** Counts a refused connection, whichever step refuses it. */
    private static <T> T counting(Meters meters, Supplier<T> step) {
        try {
            return step.get();
        } catch (ConnectionRefusedException e) {
            meters.connection(e.isOfProfile() ? "profile" : "request");
            throw e;
        } catch (RuntimeException e) {
            Optional.ofNullable(OUTCOMES.get(e.getClass())).ifPresent(meters::connection);
            throw e;
        }
    }

    private void connect(UserModel user, Backend backend, Connection connection) {
        new LinkingRules(session).requireMayConnect(user, backend);
        ExternalTokenVerifiers verifiers = new ExternalTokenVerifiers(session);
        VerifiedIdentity identity = verifiers.verify(connection.credential(), backend);
        verifiers.redeem(identity);
        event.detail(Details.IDENTITY_PROVIDER_USERNAME, identity.username());
        link(user.getId(), identity);
    }

    private void link(String userId, VerifiedIdentity identity) {
        try {
            new ProfileSynchronisation(session, identity.backend()).preprocess(identity.context());
            IdentityLocks.of(session, identity)
                    .decide(() -> LinkingTransaction.run(session, own -> {
                        link(own, userId, identity);
                        return true;
                    }));
        } catch (ConnectionRefusedException e) {
            throw e;
        } catch (LookalikeException e) {
            throw new ConnectionRefusedException(
                    Reason.of(ReasonCode.IDENTITY_LOOKALIKE), "The identity cannot be told from another one");
        } catch (UserRefusedException e) {
            throw ConnectionRefusedException.unstorable(e.reason());
        } catch (ModelDuplicateException e) {
            throw ConnectionRefusedException.alreadyConnected();
        } catch (RuntimeException e) {
            UnstorableProfile.rethrowUnlessCauseOf(e, identity.backend(), session);
            throw ConnectionRefusedException.unstorable(Reason.of(ReasonCode.PROFILE_UNSTORABLE));
        }
    }

    private void link(KeycloakSession own, String userId, VerifiedIdentity identity) {
        UserModel caller = own.users().getUserById(realm, userId);
        ProfileSynchronisation synchronisation = new ProfileSynchronisation(own, identity.backend());
        identity.contextIn(own);
        Optional<UserModel> owner = new LinkedUsers(own).find(identity.federatedIdentity());
        boolean isAnothers = owner.filter(user -> !user.getId().equals(userId)).isPresent();
        boolean hasAnother = owner.isEmpty()
                && own.users()
                                .getFederatedIdentity(
                                        realm, caller, identity.backend().alias())
                        != null;
        if (isAnothers || hasAnother) {
            throw ConnectionRefusedException.alreadyConnected();
        }
        if (owner.isEmpty()) {
            own.users().addFederatedIdentity(realm, caller, identity.federatedIdentity());
        }
        synchronisation.update(caller, identity.context());
    }
}
