package io.converttoken.keycloak.brokering;

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
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Finds or creates the user of a verified identity, in a transaction of its own: what is refused leaves nothing behind,
 * and of two callers who bring the same identity at once, the second finds what the first created.
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
     * @throws UserRefusedException when the user is disabled or locked
     */
    public BrokeredUser resolve(VerifiedIdentity identity, ClientModel client, Optional<String> scope) {
        SignIn signIn = new SignIn(client.getId(), scope);
        Resolved resolved = signInKnown(identity, signIn).orElseGet(() -> create(identity, signIn));
        UserModel user = session.users().getUserById(session.getContext().getRealm(), resolved.userId());
        if (user == null) {
            throw new InteractionRequiredException(identity.backend(), "user was removed meanwhile");
        }
        if (resolved.isNew()) {
            tellOfNewAccount(user, identity);
        }
        return new BrokeredUser(user, resolved.isNew());
    }

    private Optional<Resolved> signInKnown(VerifiedIdentity identity, SignIn signIn) {
        return inOwnTransaction(identity, own -> new UserResolution(own, identity, signIn).signInKnown());
    }

    /** Whatever is in the way of a new account may be the account of this very identity, made by another caller. */
    private Resolved create(VerifiedIdentity identity, SignIn signIn) {
        for (int attempt = 1; ; attempt++) {
            try {
                return inOwnTransaction(identity, own -> new UserResolution(own, identity, signIn).create());
            } catch (InteractionRequiredException e) {
                return signInKnown(identity, signIn).orElseThrow(() -> e);
            } catch (ModelDuplicateException e) {
                Optional<Resolved> known = signInKnown(identity, signIn);
                if (known.isPresent()) {
                    return known.get();
                }
                if (attempt == TRIES) {
                    throw UserResolution.taken(identity);
                }
            }
        }
    }

    private <T> T inOwnTransaction(VerifiedIdentity identity, KeycloakSessionTaskWithResult<T> task) {
        try {
            return KeycloakModelUtils.runJobInTransactionWithResult(
                    session.getKeycloakSessionFactory(), session.getContext(), task, "convert-token user resolution");
        } catch (ModelDuplicateException e) {
            throw e;
        } catch (ModelException | IdentityBrokerException e) {
            LOGGER.warnf(
                    e,
                    "An identity of backend '%s' can not be a user",
                    identity.backend().alias());
            throw new UserRefusedException(Errors.IDENTITY_PROVIDER_LOGIN_FAILURE);
        }
    }

    private void tellOfNewAccount(UserModel user, VerifiedIdentity identity) {
        event.clone()
                .event(EventType.REGISTER)
                .user(user)
                .detail(Details.REGISTER_METHOD, REGISTER_METHOD)
                .detail(Details.USERNAME, user.getUsername())
                .detail(Details.EMAIL, user.getEmail())
                .detail(Details.IDENTITY_PROVIDER, identity.backend().alias())
                .detail(Details.IDENTITY_PROVIDER_USERNAME, identity.username())
                .success();
        event.clone()
                .event(EventType.FEDERATED_IDENTITY_LINK)
                .user(user)
                .detail(Details.IDENTITY_PROVIDER, identity.backend().alias())
                .detail(Details.IDENTITY_PROVIDER_USERNAME, identity.username())
                .success();
    }

    /** The outcome, by values that outlive a session. */
    record Resolved(String userId, boolean isNew) {}
}
