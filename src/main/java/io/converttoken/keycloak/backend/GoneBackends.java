// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.limits.ServerLimits;
import io.converttoken.keycloak.metrics.BackendId;
import io.converttoken.keycloak.metrics.Labels;
import io.converttoken.keycloak.metrics.NodeMeters;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.keycloak.broker.provider.IdentityProviderMapper;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RealmModel.IdentityProviderRemovedEvent;
import org.keycloak.models.RealmModel.RealmRemovedEvent;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.models.utils.PostMigrationEvent;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderEventListener;
import org.keycloak.timer.TimerProvider;

/**
 * Makes this node forget the meters, limits and warnings of backends that are gone, and of realms that are gone or have
 * another name.
 *
 * <p>The node that deletes a backend looks as soon as its transaction is committed. Keycloak tells the other nodes only
 * that they must read anew what they have cached, so every node also looks every few seconds. That reads Keycloak's
 * cache and costs no query as long as nothing has changed.
 */
final class GoneBackends implements ProviderEventListener {

    private static final Logger LOGGER = Logger.getLogger(GoneBackends.class);
    private static final String TASK = "convert-token-gone-backends";
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final NodeMeters meters;
    private final ServerLimits limits;
    private final BackendWarnings warnings;

    GoneBackends(NodeMeters meters, ServerLimits limits, BackendWarnings warnings) {
        this.meters = meters;
        this.limits = limits;
        this.warnings = warnings;
    }

    /** Looks at a realm when the transaction of the session is committed. */
    static void lookAfter(KeycloakSession session, String realm) {
        ConvertTokenMapper mapper = (ConvertTokenMapper) session.getKeycloakSessionFactory()
                .getProviderFactory(IdentityProviderMapper.class, ConvertTokenMapper.PROVIDER_ID);
        mapper.goneBackends().lookOnCommit(session, realm);
    }

    @Override
    public void onEvent(ProviderEvent event) {
        if (event instanceof IdentityProviderRemovedEvent removed) {
            lookOnCommit(removed.getKeycloakSession(), removed.getRealm().getId());
        } else if (event instanceof RealmRemovedEvent removed) {
            lookOnCommit(removed.getKeycloakSession(), removed.getRealm().getId());
        } else if (event instanceof PostMigrationEvent started) {
            lookRegularly(started.getFactory());
        }
    }

    private void lookOnCommit(KeycloakSession session, String realm) {
        KeycloakSessionFactory factory = session.getKeycloakSessionFactory();
        session.getTransactionManager().enlistAfterCompletion(new AbstractKeycloakTransaction() {
            @Override
            protected void commitImpl() {
                look(factory, id -> id.realm().equals(realm));
            }

            @Override
            protected void rollbackImpl() {
                // nothing is gone
            }
        });
    }

    private void lookRegularly(KeycloakSessionFactory factory) {
        KeycloakModelUtils.runJobInTransaction(
                factory,
                session -> session.getProvider(TimerProvider.class)
                        .schedule(() -> look(factory, id -> true), INTERVAL.toMillis(), TASK));
    }

    /**
     * Catches failures, because a failure would stop all timers of the server, or turn a deletion that has succeeded
     * into a fault.
     */
    private void look(KeycloakSessionFactory factory, Predicate<BackendId> among) {
        Map<BackendId, Labels> names = meters.owners();
        Set<BackendId> known = Stream.concat(names.keySet().stream(), limits.backends().stream())
                .filter(among)
                .collect(Collectors.toUnmodifiableSet());
        if (known.isEmpty()) {
            return;
        }
        try {
            KeycloakModelUtils.runJobInTransaction(factory, session -> forget(gone(session, known, names), names));
        } catch (RuntimeException e) {
            LOGGER.warn("Backends that are gone are looked for later", e);
        }
    }

    private static Set<BackendId> gone(KeycloakSession session, Set<BackendId> known, Map<BackendId, Labels> names) {
        return known.stream()
                .filter(id -> !isThere(session, id, Optional.ofNullable(names.get(id))))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isThere(KeycloakSession session, BackendId id, Optional<Labels> names) {
        RealmModel realm = session.realms().getRealm(id.realm());
        if (realm == null || !names.map(Labels::realm).orElseGet(realm::getName).equals(realm.getName())) {
            return false;
        }
        session.getContext().setRealm(realm);
        return !id.isOfBackend() || isBackend(session, id, names.map(Labels::backend));
    }

    private static boolean isBackend(KeycloakSession session, BackendId id, Optional<String> alias) {
        IdentityProviderModel found = alias.map(session.identityProviders()::getByAlias)
                .orElseGet(() -> session.identityProviders().getById(id.identityProvider()));
        return found != null
                && found.getInternalId().equals(id.identityProvider())
                && session.identityProviders().getMapperById(id.mapper()) != null;
    }

    private void forget(Set<BackendId> gone, Map<BackendId, Labels> names) {
        meters.drop((id, current) -> gone.contains(id) && current.equals(names.get(id)));
        limits.forget(gone::contains);
        warnings.forget(gone::contains);
    }
}
