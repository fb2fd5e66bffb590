// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.brokering.BrokerLogin.Outcome;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.internals.ModelCache;
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
 * Finds or creates the user of a verified identity by the identity provider's own flows, within the request's transaction:
 * what is refused leaves nothing behind, and of many callers who bring the same identity at once, all find what the first
 * created.
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
     * The identity's user, who may sign in to this client without meeting a page. Whatever is thrown, the transaction can
     * only be rolled back afterwards.
     *
     * @param scope the scope that the client asks for; consent may depend on it
     * @throws InteractionRequiredException when a person must act first
     * @throws UserRefusedException when the user is disabled or locked, a flow denies access, or the profile cannot be stored
     * @throws BusyException when others bring the same identity for too long
     * @throws OvertakenException when another request, or a browser login, has just made the account or changes it: then
     *     {@link #resolveAgain} tries in a new transaction
     */
    public BrokeredUser resolve(VerifiedIdentity identity, ClientModel client, Optional<String> scope) {
        BrokerLogin login = new BrokerLogin(session, identity, new SignIn(client, scope));
        return resolve(identity, () -> {
            login.begin();
            return signIn(identity, login);
        });
    }

    /** The same once more, in a session of its own, for an identity that was handed over to that session. */
    public BrokeredUser resolveAgain(VerifiedIdentity identity, ClientModel client, Optional<String> scope) {
        BrokerLogin login = new BrokerLogin(session, identity, new SignIn(client, scope));
        return resolve(identity, () -> signIn(identity, login));
    }

    /**
     * The same as {@link #resolveAgain}, but after all conversions of this identity that wait for their turn, and before the
     * session's transaction has read anything.
     *
     * @throws BusyException when the other conversions take too long
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
            return new BrokeredUser(outcome.user(), outcome.isNew(), outcome.sessionNotes());
        } catch (RuntimeException e) {
            session.getTransactionManager().setRollbackOnly();
            throw e;
        }
    }

    private static Outcome outcome(VerifiedIdentity identity, Supplier<Outcome> signIn) {
        try {
            return signIn.get();
        } catch (LookalikeException e) {
            throw new UserRefusedException(Errors.IDENTITY_PROVIDER_LOGIN_FAILURE, LookalikeException.REASON);
        } catch (RuntimeException e) {
            UnstorableProfile.rethrowUnlessCauseOf(e, identity.backend());
            throw new UserRefusedException(Errors.IDENTITY_PROVIDER_LOGIN_FAILURE, UnstorableProfile.REASON);
        }
    }

    private Outcome signIn(VerifiedIdentity identity, BrokerLogin login) {
        return login.signInKnown()
                .orElseGet(() -> IdentityLocks.of(session, identity)
                        .decideInTransaction(() -> signInKnown(identity, login), () -> firstLogin(identity, login)));
    }

    /** Nothing that another request has made while this one waited may be overlooked: this transaction may not see it. */
    private Optional<Outcome> signInKnown(VerifiedIdentity identity, BrokerLogin login) {
        Optional<Outcome> known = login.signInKnown();
        if (known.isEmpty() && isKnownByNow(identity, login)) {
            throw new OvertakenException();
        }
        return known;
    }

    /** Whatever is in the way may be the account of this very identity, made by a browser login, which knows no lock. */
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
     * To others, in view of what they have committed: this transaction may be spoilt. Not asked once it has linked the
     * identity itself, because in some databases the question would wait for the end of this transaction.
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
        return new InteractionRequiredException(identity.backend(), "user name or e-mail address is taken");
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
