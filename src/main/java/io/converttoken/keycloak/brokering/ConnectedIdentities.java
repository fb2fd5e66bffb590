package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.backend.ClientNotAllowedException;
import io.converttoken.keycloak.backend.UnknownBackendException;
import io.converttoken.keycloak.brokering.ConnectionRefusedException.Fault;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.cluster.ClusterLock;
import io.converttoken.keycloak.database.ModelCache;
import io.converttoken.keycloak.limits.TooManyFailuresException;
import io.converttoken.keycloak.metrics.Meters;
import io.converttoken.keycloak.metrics.NodeMeters;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ExternalTokenVerifiers;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.TokenKind;
import io.converttoken.keycloak.verification.VerifiedIdentity;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.keycloak.broker.provider.IdpLinkAction;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.ClientModel;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionTaskWithResult;
import org.keycloak.models.ModelDuplicateException;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RequiredActionProviderModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.credential.PasswordCredentialModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.organization.utils.Organizations;
import org.keycloak.utils.RequiredActionHelper;

/**
 * Connects identities to the account of somebody who is signed in, and disconnects them, by the rules of
 * {@code IdentityBrokerService.performAccountLinking} and {@code LinkedAccountsResource} (Keycloak 26.7.3).
 */
public final class ConnectedIdentities {

    /** Characters that an external token has at most. */
    public static final int MAX_TOKEN_LENGTH = ExternalToken.MAX_LENGTH;

    /** Characters that a nonce has at most. */
    public static final int MAX_NONCE_LENGTH = ExternalToken.MAX_NONCE_LENGTH;

    private final KeycloakSession session;
    private final RealmModel realm;
    private final EventBuilder event;

    /** @param event gets the details of what is done */
    public ConnectedIdentities(KeycloakSession session, EventBuilder event) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.event = event;
    }

    /**
     * What the caller brings, as it was sent.
     *
     * @param backend name of the backend
     * @param token the external token
     * @param tokenType what the caller says it is, where it says so
     * @param nonce the nonce of the ID token, where it is sent
     */
    public record Connection(String backend, String token, Optional<String> tokenType, Optional<String> nonce) {

        @Override
        public String toString() {
            return "Connection[" + backend + "]";
        }
    }

    /**
     * Connects the identity that an external token names. Where it throws, the session's transaction must be rolled back: a
     * token for single use is as good as before then.
     *
     * @param client on whose behalf; the backend must allow it
     * @throws ConnectionRefusedException when the token is refused, or the identity is another user's
     */
    public void connect(UserModel user, ClientModel client, Connection connection) {
        Backend backend = counting(NodeMeters.of(session).of(realm), () -> backend(client, connection.backend()));
        event.detail(Details.IDENTITY_PROVIDER, backend.alias());
        Meters meters = backend.meters(session);
        counting(meters, () -> {
            connect(user, backend, connection);
            return true;
        });
        meters.connection("success");
    }

    /** A refused connection counts, wherever it is refused. */
    private static <T> T counting(Meters meters, Supplier<T> step) {
        try {
            return step.get();
        } catch (ConnectionRefusedException e) {
            meters.connection(e.fault().name().toLowerCase(Locale.ROOT));
            throw e;
        }
    }

    private void connect(UserModel user, Backend backend, Connection connection) {
        requireMayConnect(user, backend);
        try {
            connect(user, externalToken(connection), backend);
        } catch (ExternalTokenRefusedException e) {
            throw new ConnectionRefusedException(
                    Fault.TOKEN, e.refusal().reason(), "Token is not valid, or was not issued to this application");
        } catch (ProviderUnavailableException e) {
            throw new ConnectionRefusedException(
                    Fault.PROVIDER,
                    String.valueOf(e.getMessage()),
                    "The identity provider can not be asked now",
                    e.retryAfter());
        } catch (TooManyFailuresException e) {
            throw new ConnectionRefusedException(
                    Fault.TOO_MANY, String.valueOf(e.getMessage()), "Too many tokens were refused", e.retryAfter());
        }
    }

    private void connect(UserModel user, ExternalToken token, Backend backend) {
        ExternalTokenVerifiers verifiers = new ExternalTokenVerifiers(session);
        VerifiedIdentity identity = verifiers.verify(token, backend);
        verifiers.redeem(identity);
        event.detail(Details.IDENTITY_PROVIDER_USERNAME, identity.username());
        link(user.getId(), identity);
    }

    /**
     * Disconnects an identity. Sessions that came from it end.
     *
     * @param backendName name of the backend
     * @param associationId the person's id at the provider; where it is given, it must be the one that is connected
     * @throws ConnectionRefusedException when there is none, or it is the last way to sign in
     */
    public void disconnect(UserModel user, String backendName, Optional<String> associationId) {
        String alias = new Backends(session).aliasOf(backendName).orElseThrow(ConnectedIdentities::unknownBackend);
        event.detail(Details.IDENTITY_PROVIDER, alias);
        FederatedIdentityModel link = unlink(user.getId(), alias, associationId);
        event.detail(Details.IDENTITY_PROVIDER_USERNAME, link.getUserName());
        new BrokeredSessions(session).end(user, alias);
    }

    /** One at a time for each account: two at once could each take the other's link for another way to sign in. */
    private FederatedIdentityModel unlink(String userId, String alias, Optional<String> associationId) {
        try {
            return new ClusterLock(session, "account", realm.getId() + ":" + userId)
                    .decide(() -> inOwnTransaction(own -> unlink(own, userId, alias, associationId)));
        } catch (BusyException e) {
            throw new ConnectionRefusedException(
                    Fault.PROVIDER, "another request disconnects an identity of this account", "Try again", 1);
        }
    }

    private FederatedIdentityModel unlink(
            KeycloakSession own, String userId, String alias, Optional<String> associationId) {
        UserModel user = own.users().getUserById(realm, userId);
        FederatedIdentityModel link = Optional.ofNullable(own.users().getFederatedIdentity(realm, user, alias))
                .filter(present -> associationId
                        .filter(id -> !id.equals(present.getUserId()))
                        .isEmpty())
                .orElseThrow(() -> new ConnectionRefusedException(
                        Fault.REQUEST, "identity is not connected", "This identity is not connected"));
        requireMayDisconnect(own, user, alias);
        own.users().removeFederatedIdentity(realm, user, alias);
        return link;
    }

    private Backend backend(ClientModel client, String name) {
        try {
            return new Backends(session).enabledFor(client, name);
        } catch (UnknownBackendException e) {
            throw unknownBackend();
        } catch (ClientNotAllowedException e) {
            throw new ConnectionRefusedException(
                    Fault.CLIENT, "client is not allowed", "Client is not allowed to bring tokens of this backend");
        }
    }

    private static ConnectionRefusedException unknownBackend() {
        return new ConnectionRefusedException(Fault.REQUEST, "unknown backend", "Unknown backend");
    }

    private void requireMayConnect(UserModel user, Backend backend) {
        boolean isPerson = user.getServiceAccountClientLink() == null;
        if (!isPerson || !user.isEnabled() || backend.identityProvider().isTransientUsers()) {
            throw new ConnectionRefusedException(
                    Fault.REQUEST,
                    "account can not have identities",
                    "Identities can not be connected to this account");
        }
        if (!Organizations.resolveHomeBroker(session, user).isEmpty()) {
            throw boundToOrganization();
        }
        if (isLinkingSwitchedOff()) {
            throw new ConnectionRefusedException(
                    Fault.REQUEST,
                    "required action " + IdpLinkAction.PROVIDER_ID + " is disabled",
                    "Identities can not be connected in this realm");
        }
    }

    /** Core links nothing for an application then ({@code AuthenticationManager.executeAction}). */
    private boolean isLinkingSwitchedOff() {
        RequiredActionProviderModel action =
                RequiredActionHelper.getRequiredActionByProviderId(realm, IdpLinkAction.PROVIDER_ID);
        return action != null && !action.isEnabled();
    }

    private static ConnectionRefusedException boundToOrganization() {
        return new ConnectionRefusedException(
                Fault.REQUEST,
                "account is bound to an organization",
                "The account's identity belongs to its organization");
    }

    private static ExternalToken externalToken(Connection connection) {
        Optional<TokenKind> kind = connection
                .tokenType()
                .map(type -> TokenKind.named(type)
                        .orElseThrow(() -> new ConnectionRefusedException(
                                Fault.REQUEST, "unsupported token_type", "Unsupported token_type")));
        return new ExternalToken(connection.token(), kind, connection.nonce());
    }

    private void link(String userId, VerifiedIdentity identity) {
        try {
            new ProfileSynchronisation(session, identity.backend()).preprocess(identity.context());
            IdentityLocks.of(session, identity)
                    .decide(() -> inOwnTransaction(own -> {
                        link(own, userId, identity);
                        return true;
                    }));
        } catch (ConnectionRefusedException | ProviderUnavailableException e) {
            throw e;
        } catch (LookalikeException e) {
            throw new ConnectionRefusedException(
                    Fault.REQUEST, LookalikeException.REASON, "The identity cannot be told from another one");
        } catch (UserRefusedException e) {
            throw unstorable(String.valueOf(e.getMessage()));
        } catch (ModelDuplicateException e) {
            throw alreadyConnected();
        } catch (BusyException | OvertakenException e) {
            throw busy();
        } catch (RuntimeException e) {
            throw refusedBy(e, identity.backend());
        }
    }

    private static ConnectionRefusedException refusedBy(RuntimeException fault, Backend backend) {
        try {
            UnstorableProfile.rethrowUnlessCauseOf(fault, backend);
            return unstorable(UnstorableProfile.REASON);
        } catch (OvertakenException e) {
            return busy();
        }
    }

    private static ConnectionRefusedException unstorable(String reason) {
        return new ConnectionRefusedException(
                Fault.PROFILE, reason, "What the identity provider says of the person can not be stored");
    }

    private static ConnectionRefusedException busy() {
        return new ConnectionRefusedException(
                Fault.PROVIDER, "others bring the same identity", "Others bring this identity now", 1);
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
            throw alreadyConnected();
        }
        if (owner.isEmpty()) {
            own.users().addFederatedIdentity(realm, caller, identity.federatedIdentity());
        }
        synchronisation.update(caller, identity.context());
    }

    /** Whoever holds the token owns the identity, so that they may know. */
    private static ConnectionRefusedException alreadyConnected() {
        return new ConnectionRefusedException(
                Fault.REQUEST,
                "identity is another user's, or the user has another of this backend",
                "The identity is connected to another user, or the user to another identity of this backend");
    }

    private void requireMayDisconnect(KeycloakSession own, UserModel user, String alias) {
        boolean isBound = Organizations.resolveHomeBroker(own, user).stream()
                .anyMatch(broker -> broker.getAlias().equals(alias));
        if (isBound) {
            throw boundToOrganization();
        }
        long identities = own.users().getFederatedIdentitiesStream(realm, user).count();
        boolean hasAnotherWay = identities > 1
                || user.isFederated()
                || user.credentialManager().isConfiguredFor(PasswordCredentialModel.TYPE);
        if (!hasAnotherWay) {
            throw new ConnectionRefusedException(
                    Fault.REQUEST, "last way to sign in", "The identity is the only way to sign in to this account");
        }
    }

    private <T> T inOwnTransaction(KeycloakSessionTaskWithResult<T> task) {
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                own -> {
                    ModelCache.forgetImportedOnRollback(own);
                    return task.run(own);
                },
                "convert-token connection");
    }
}
