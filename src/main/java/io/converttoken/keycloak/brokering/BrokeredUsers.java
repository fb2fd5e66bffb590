package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.brokering.BrokerLogin.Outcome;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.verification.VerifiedIdentity;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.broker.provider.IdentityBrokerException;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionTaskWithResult;
import org.keycloak.models.ModelDuplicateException;
import org.keycloak.models.ModelException;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Finds or creates the user of a verified identity by the identity provider's own flows, in a transaction of its own:
 * what is refused leaves nothing behind, and of many callers who bring the same identity at once, all find what the first
 * created.
 */
public final class BrokeredUsers {

    private static final Logger LOGGER = Logger.getLogger(BrokeredUsers.class);

    private static final int TRIES = 3;
    private static final String REGISTER_METHOD = "broker";

    private final KeycloakSession session;
    private final EventBuilder event;

    public BrokeredUsers(KeycloakSession session, EventBuilder event) {
        this.session = session;
        this.event = event;
    }

    /**
     * The identity's user, who may sign in to this client without meeting a page.
     *
     * @param scope the scope that the client asks for; consent may depend on it
     * @throws InteractionRequiredException when a person must act first
     * @throws UserRefusedException when the user is disabled or locked, or a flow denies access
     * @throws BusyException when others bring the same identity for too long
     */
    public BrokeredUser resolve(VerifiedIdentity identity, ClientModel client, Optional<String> scope) {
        SignIn signIn = new SignIn(client.getId(), scope);
        Outcome outcome = signInKnown(identity, signIn)
                .orElseGet(() -> IdentityLocks.of(session, identity)
                        .decide(() -> signInKnown(identity, signIn), () -> firstLogin(identity, signIn)));
        UserModel user = user(outcome)
                .orElseThrow(() -> new InteractionRequiredException(identity.backend(), "user was removed meanwhile"));
        if (outcome.isNew()) {
            tellOfNewAccount(user, identity);
        }
        if (outcome.isLinked()) {
            tellOfLink(user, identity);
        }
        return new BrokeredUser(user, outcome.isNew(), outcome.sessionNotes());
    }

    /**
     * By the name first: the check of the profile, in the transaction of the next conversion, asks for the user of that
     * name, and Keycloak's cache remembers names only where a name is how a user was found
     * ({@code UserCacheSession.getUserByUsername}, Keycloak 26.7.3).
     */
    private Optional<UserModel> user(Outcome outcome) {
        RealmModel realm = session.getContext().getRealm();
        return Optional.ofNullable(session.users().getUserByUsername(realm, outcome.username()))
                .filter(user -> user.getId().equals(outcome.userId()))
                .or(() -> Optional.ofNullable(session.users().getUserById(realm, outcome.userId())));
    }

    private Optional<Outcome> signInKnown(VerifiedIdentity identity, SignIn signIn) {
        try {
            return inOwnTransaction(own -> new BrokerLogin(own, identity, signIn).signInKnown());
        } catch (ModelException e) {
            throw unstorable(identity, e);
        }
    }

    /** Whatever is in the way may be the account of this very identity, made by a browser login, which knows no lock. */
    private Outcome firstLogin(VerifiedIdentity identity, SignIn signIn) {
        for (int attempt = 1; ; attempt++) {
            try {
                return inOwnTransaction(own -> new BrokerLogin(own, identity, signIn).firstLogin());
            } catch (InteractionRequiredException | UserRefusedException e) {
                return signInKnown(identity, signIn).orElseThrow(() -> e);
            } catch (ModelException e) {
                Optional<Outcome> known = signInKnown(identity, signIn);
                if (known.isPresent()) {
                    return known.get();
                }
                if (attempt == TRIES) {
                    throw e instanceof ModelDuplicateException ? taken(identity) : unstorable(identity, e);
                }
            } catch (IdentityBrokerException e) {
                throw unstorable(identity, e);
            }
        }
    }

    private <T> T inOwnTransaction(KeycloakSessionTaskWithResult<T> task) {
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(), session.getContext(), task, "convert-token broker login");
    }

    private static InteractionRequiredException taken(VerifiedIdentity identity) {
        return new InteractionRequiredException(identity.backend(), "user name or e-mail address is taken");
    }

    private static UserRefusedException unstorable(VerifiedIdentity identity, RuntimeException cause) {
        LOGGER.warnf(
                cause,
                "An identity of backend '%s' can not be a user",
                identity.backend().alias());
        return new UserRefusedException(Errors.IDENTITY_PROVIDER_LOGIN_FAILURE);
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
