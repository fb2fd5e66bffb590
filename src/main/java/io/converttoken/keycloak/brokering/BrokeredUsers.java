// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.brokering.BrokerLogin.Outcome;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.internals.ModelCache;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.VerifiedIdentity;
import java.util.Optional;
import java.util.function.Supplier;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelDuplicateException;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Finds or creates the user of a verified identity by the identity provider's own flows, within the request's
 * transaction. A refused request leaves nothing behind. If several requests bring the same identity at once, the first
 * creates the user and the other requests find that user.
 */
public final class BrokeredUsers {

    private static final String REGISTER_METHOD = "broker";

    private final KeycloakSession session;
    private final EventBuilder event;

    public BrokeredUsers(KeycloakSession session, EventBuilder event) {
        this.session = session;
        this.event = event;
    }

    /**
     * Returns the identity's user, who may sign in to this client without seeing a page. After any exception the
     * transaction can only be rolled back.
     *
     * @param scope the scope that the client asks for; consent may depend on it
     * @throws InteractionRequiredException when a person must act first
     * @throws UserRefusedException when the user is disabled or locked, a flow denies access, or the profile cannot be
     *     stored
     * @throws BusyException when other requests hold the lock of the identity for too long
     * @throws OvertakenException when another request or a browser login has just made the account or is changing it;
     *     {@link #resolveAgain} can then try in a new transaction
     */
    public BrokeredUser resolve(VerifiedIdentity identity, ClientModel client, Optional<String> scope) {
        BrokerLogin login = new BrokerLogin(session, identity, new SignIn(client, scope));
        return resolve(identity, () -> {
            login.begin();
            return signIn(identity, login);
        });
    }

    /**
     * Resolves the identity once more in a new session, after {@link VerifiedIdentity#contextIn} has handed the
     * identity over to that session.
     */
    public BrokeredUser resolveAgain(VerifiedIdentity identity, ClientModel client, Optional<String> scope) {
        BrokerLogin login = new BrokerLogin(session, identity, new SignIn(client, scope));
        return resolve(identity, () -> signIn(identity, login));
    }

    /**
     * Does the same as {@link #resolveAgain}, but takes the lock of the identity before the session's transaction has
     * read anything.
     *
     * @throws BusyException when other requests hold the lock of the identity for too long
     */
    public BrokeredUser resolveInTurn(VerifiedIdentity identity, ClientModel client, Optional<String> scope) {
        IdentityLocks.of(session, identity).takeInTransaction();
        BrokerLogin login = new BrokerLogin(session, identity, new SignIn(client, scope));
        return resolve(identity, () -> signInKnown(identity, login).orElseGet(() -> firstLogin(identity, login)));
    }

    private BrokeredUser resolve(VerifiedIdentity identity, Supplier<Outcome> signIn) {
        ModelCache.forgetImportedOnRollback(session);
        try {
            Outcome outcome = outcome(identity, signIn);
            if (outcome.isNew()) {
                tellOfNewAccount(outcome.user(), identity);
            }
            if (outcome.isLinked()) {
                tellOfLink(outcome.user(), identity);
            }
            return new BrokeredUser(outcome.user(), outcome.isNew(), outcome.isLinked(), outcome.sessionNotes());
        } catch (RuntimeException e) {
            session.getTransactionManager().setRollbackOnly();
            throw e;
        }
    }

    private Outcome outcome(VerifiedIdentity identity, Supplier<Outcome> signIn) {
        try {
            return signIn.get();
        } catch (LookalikeException e) {
            throw new UserRefusedException(Errors.IDENTITY_PROVIDER_LOGIN_FAILURE, e.reason());
        } catch (RuntimeException e) {
            UnstorableProfile.rethrowUnlessCauseOf(e, identity.backend(), session);
            throw new UserRefusedException(
                    Errors.IDENTITY_PROVIDER_LOGIN_FAILURE, Reason.of(ReasonCode.PROFILE_UNSTORABLE));
        }
    }

    private Outcome signIn(VerifiedIdentity identity, BrokerLogin login) {
        return login.signInKnown()
                .orElseGet(() -> IdentityLocks.of(session, identity)
                        .decideInTransaction(() -> signInKnown(identity, login), () -> firstLogin(identity, login)));
    }

    /** Looks in a new transaction as well, because this one may not see what was made while it waited. */
    private Optional<Outcome> signInKnown(VerifiedIdentity identity, BrokerLogin login) {
        Optional<Outcome> known = login.signInKnown();
        if (known.isEmpty() && isKnownByNow(identity, login)) {
            throw new OvertakenException();
        }
        return known;
    }

    /** Any failure may mean that a browser login, which takes no lock, has just made the account of this identity. */
    private Outcome firstLogin(VerifiedIdentity identity, BrokerLogin login) {
        try {
            return login.firstLogin();
        } catch (ProviderUnavailableException | BusyException | OvertakenException | LookalikeException e) {
            throw e;
        } catch (RuntimeException e) {
            if (isKnownByNow(identity, login)) {
                throw new OvertakenException();
            }
            throw e instanceof ModelDuplicateException ? taken(identity) : e;
        }
    }

    /**
     * Returns whether another transaction has committed a link of this identity. The question needs a new transaction,
     * because this one may have failed. It is not asked after this transaction has linked the identity, because in some
     * databases the new transaction would wait for the end of this one.
     */
    private boolean isKnownByNow(VerifiedIdentity identity, BrokerLogin login) {
        if (login.hasLinked()) {
            return false;
        }
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                own -> new LinkedUsers(own).find(identity.federatedIdentity()).isPresent(),
                "convert-token broker login");
    }

    private static InteractionRequiredException taken(VerifiedIdentity identity) {
        return new InteractionRequiredException(identity.backend(), Reason.of(ReasonCode.NAME_TAKEN));
    }

    private void tellOfNewAccount(UserModel user, VerifiedIdentity identity) {
        told(EventType.REGISTER, user, identity)
                .detail(Details.REGISTER_METHOD, REGISTER_METHOD)
                .detail(Details.EMAIL, user.getEmail())
                .success();
    }

    private void tellOfLink(UserModel user, VerifiedIdentity identity) {
        told(EventType.FEDERATED_IDENTITY_LINK, user, identity).success();
    }

    private EventBuilder told(EventType type, UserModel user, VerifiedIdentity identity) {
        return event.clone()
                .event(type)
                .user(user)
                .detail(Details.USERNAME, user.getUsername())
                .detail(Details.IDENTITY_PROVIDER, identity.backend().alias())
                .detail(Details.IDENTITY_PROVIDER_USERNAME, identity.username());
    }
}
