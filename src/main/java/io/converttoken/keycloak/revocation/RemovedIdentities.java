// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.revocation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.backend.TokenReceived;
import io.converttoken.keycloak.internals.ServerRows;
import io.converttoken.keycloak.verification.ExternalTokenVerifiers;
import io.converttoken.keycloak.verification.Revocable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.keycloak.OAuth2Constants;
import org.keycloak.common.util.Time;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.FederatedIdentityModel.FederatedIdentityCreatedEvent;
import org.keycloak.models.FederatedIdentityModel.FederatedIdentityRemovedEvent;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RealmModel.IdentityProviderRemovedEvent;
import org.keycloak.models.RealmModel.RealmRemovedEvent;
import org.keycloak.models.UserModel.UserPreRemovedEvent;
import org.keycloak.models.UserModel.UserRemovedEvent;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderEventListener;

/**
 * Notes what can be revoked, and makes it due in the transaction that removes the identity, so that a removal that is
 * rolled back revokes nothing.
 */
final class RemovedIdentities implements ProviderEventListener {

    private static final Logger LOGGER = Logger.getLogger(RemovedIdentities.class);

    private final Runnable wake;

    /** @param wake is run when something that has become due is committed */
    RemovedIdentities(Runnable wake) {
        this.wake = wake;
    }

    @Override
    public void onEvent(ProviderEvent event) {
        if (event instanceof UserPreRemovedEvent removed) {
            removed(removed);
        } else if (event instanceof UserRemovedEvent removed) {
            removed(removed);
        } else if (event instanceof FederatedIdentityRemovedEvent removed) {
            removed(
                    removed.getKeycloakSession(),
                    removed.getRealm(),
                    removed.getFederatedIdentity(),
                    removed.getUser().getId());
        } else if (event instanceof FederatedIdentityCreatedEvent created) {
            created(created);
        } else if (event instanceof TokenReceived received) {
            received(received);
        } else if (event instanceof RealmRemovedEvent removed) {
            Ledger.forget(removed.getKeycloakSession(), removed.getRealm().getId());
            DueRevocations.forget(
                    removed.getKeycloakSession(), removed.getRealm().getId());
        } else if (event instanceof IdentityProviderRemovedEvent removed) {
            DueRevocations.forget(
                    removed.getKeycloakSession(),
                    removed.getRealm().getId(),
                    removed.getRemovedIdentityProvider().getInternalId());
        }
    }

    private void removed(UserPreRemovedEvent event) {
        KeycloakSession session = event.getKeycloakSession();
        in(event.getRealm(), session, own -> {
            if (session.identityProviders().isIdentityFederationEnabled()) {
                session.users()
                        .getFederatedIdentitiesStream(event.getRealm(), event.getUser())
                        .toList()
                        .forEach(link -> removed(
                                session, event.getRealm(), link, event.getUser().getId()));
            }
        });
    }

    /**
     * Looks for what is left when a user is gone. Of an imported user whom the directory does not know any more, only this
     * event tells ({@code UserStorageManager.deleteInvalidUser}, Keycloak 26.7.3), when the identities are gone already.
     */
    private void removed(UserRemovedEvent event) {
        KeycloakSession session = event.getKeycloakSession();
        RealmModel realm = event.getRealm();
        in(realm, session, own -> {
            if (session.identityProviders().isIdentityFederationEnabled()) {
                Ledger.of(session, realm.getId(), event.getUser().getId()).forEach(row -> makeDue(session, row));
            }
        });
    }

    private void makeDue(KeycloakSession session, ServerRows.Row row) {
        Entry noted = Entry.parse(row.value());
        Optional.ofNullable(session.identityProviders().getById(noted.provider()))
                .flatMap(provider -> new Backends(session).of(provider))
                .ifPresent(backend -> makeDue(session, backend, row.key(), noted));
        ServerRows.delete(session, row.key());
        onCommit(session, wake);
    }

    /** Moves what was noted into the queue, unless another node has moved it, or the mapper does not want it any more. */
    static void makeDue(KeycloakSession session, Backend backend, ServerRows.Key key, Entry noted) {
        long now = Time.currentTimeMillis();
        if (ServerRows.delete(session, key) && isWanted(session, backend, noted)) {
            DueRevocations.add(session, noted.dueAt(now), now);
        }
    }

    private void removed(KeycloakSession session, RealmModel realm, FederatedIdentityModel link, String userId) {
        in(
                realm,
                session,
                own -> revoking(session, link)
                        .flatMap(provider -> new Backends(session).of(provider))
                        .ifPresent(backend -> removed(session, realm, backend, link, userId)));
    }

    private void removed(
            KeycloakSession session, RealmModel realm, Backend backend, FederatedIdentityModel link, String userId) {
        long now = Time.currentTimeMillis();
        Map<Revocable, Entry> due = new LinkedHashMap<>();
        String provider = backend.identityProvider().getInternalId();
        for (ServerRows.Row row : Ledger.of(session, realm.getId(), userId, provider)) {
            Entry noted = Entry.parse(row.value());
            if (isWanted(session, backend, noted)) {
                due.put(noted.revocable(), noted.dueAt(now));
            }
            ServerRows.delete(session, row.key());
        }
        new ExternalTokenVerifiers(session)
                .revocable(link, backend)
                .ifPresent(revocable ->
                        due.putIfAbsent(revocable, entry(realm, backend.identityProvider(), userId, revocable)));
        due.values().forEach(entry -> DueRevocations.add(session, entry, now));
        if (!due.isEmpty()) {
            onCommit(session, wake);
        }
    }

    /** Returns whether the mapper still wants what was noted to be revoked. */
    private static boolean isWanted(KeycloakSession session, Backend backend, Entry noted) {
        String response = JsonNodeFactory.instance
                .objectNode()
                .put(OAuth2Constants.REFRESH_TOKEN, noted.revocable().token())
                .toString();
        FederatedIdentityModel link = new FederatedIdentityModel(
                backend.alias(), noted.revocable().person(), noted.revocable().person(), response);
        return new ExternalTokenVerifiers(session).revocable(link, backend).isPresent();
    }

    private void created(FederatedIdentityCreatedEvent event) {
        KeycloakSession session = event.getKeycloakSession();
        in(
                event.getRealm(),
                session,
                own -> revoking(session, event.getFederatedIdentity())
                        .ifPresent(provider -> noteOnCommit(
                                session,
                                event.getRealm(),
                                provider,
                                event.getFederatedIdentity(),
                                event.getUser().getId())));
    }

    /** An identity that is not linked yet is noted when it is linked. Keycloak asks for the user next, from its cache. */
    private void received(TokenReceived event) {
        KeycloakSession session = event.session();
        if (ExternalTokenVerifiers.canRevoke(event.identityProvider())) {
            Optional.ofNullable(session.users().getUserByFederatedIdentity(event.realm(), event.identity()))
                    .ifPresent(user -> noteOnCommit(
                            session, event.realm(), event.identityProvider(), event.identity(), user.getId()));
        }
    }

    /**
     * Notes in a transaction of its own, after the login, because a conflict of two logins of one person would otherwise
     * fail one of them. If the node dies in between, the identity itself still has its token.
     */
    private static void noteOnCommit(
            KeycloakSession session,
            RealmModel realm,
            IdentityProviderModel provider,
            FederatedIdentityModel link,
            String userId) {
        KeycloakSessionFactory factory = session.getKeycloakSessionFactory();
        String realmId = realm.getId();
        onCommit(session, () -> {
            try {
                KeycloakModelUtils.runJobInTransaction(factory, own -> note(own, realmId, provider, link, userId));
            } catch (RuntimeException e) {
                LOGGER.warnf(
                        "A token of identity provider '%s' is not noted for revocation: %s",
                        provider.getAlias(), e.getClass().getName());
            }
        });
    }

    private static void note(
            KeycloakSession session,
            String realmId,
            IdentityProviderModel provider,
            FederatedIdentityModel link,
            String userId) {
        Optional.ofNullable(session.realms().getRealm(realmId))
                .ifPresent(realm -> in(
                        realm,
                        session,
                        own -> new Backends(session)
                                .of(provider)
                                .flatMap(backend -> new ExternalTokenVerifiers(session).revocable(link, backend))
                                .ifPresent(
                                        revocable -> Ledger.note(session, entry(realm, provider, userId, revocable)))));
    }

    private static Entry entry(RealmModel realm, IdentityProviderModel provider, String userId, Revocable revocable) {
        return new Entry(
                realm.getId(),
                provider.getInternalId(),
                provider.getAlias(),
                userId,
                revocable,
                Time.currentTimeMillis(),
                0);
    }

    private static Optional<IdentityProviderModel> revoking(KeycloakSession session, FederatedIdentityModel link) {
        return Optional.ofNullable(session.identityProviders().getByAlias(link.getIdentityProvider()))
                .filter(ExternalTokenVerifiers::canRevoke);
    }

    /** Acts as a request of this realm would. */
    static void in(RealmModel realm, KeycloakSession session, Consumer<KeycloakSession> action) {
        RealmModel former = session.getContext().getRealm();
        if (former != null && former.getId().equals(realm.getId())) {
            action.accept(session);
            return;
        }
        session.getContext().setRealm(realm);
        try {
            action.accept(session);
        } finally {
            session.getContext().setRealm(former);
        }
    }

    private static void onCommit(KeycloakSession session, Runnable action) {
        session.getTransactionManager().enlistAfterCompletion(new AbstractKeycloakTransaction() {
            @Override
            protected void commitImpl() {
                action.run();
            }

            @Override
            protected void rollbackImpl() {
                // nothing has happened
            }
        });
    }
}
