// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.refresh.DefaultRefreshTokenProviderFactory;
import org.keycloak.protocol.oidc.refresh.RefreshTokenProvider;
import org.keycloak.provider.ProviderFactory;

/**
 * All providers of refresh tokens, in the order in which Keycloak asks them. The first that supports a token decides
 * about it ({@code TokenManager} and {@code RefreshTokenGrantType}, 26.7.3).
 */
final class RefreshTokenProviders {

    private static final Logger LOGGER = Logger.getLogger(RefreshTokenProviders.class);

    private static final String NOBODY = "none";

    private final KeycloakSession session;

    RefreshTokenProviders(KeycloakSession session) {
        this.session = session;
    }

    /**
     * Returns whether Keycloak's own provider for sessions would decide about a token if our provider were not there.
     * Another provider is meant for another kind of tokens, such as those of verifiable credentials. A provider that
     * Keycloak asks after its own gets no tokens, with our provider or without it.
     */
    boolean wouldLeaveToKeycloak(Predicate<RefreshTokenProvider> supports) {
        return inOrder()
                .filter(factory -> !ForeignProviders.isOurs(factory))
                .filter(factory -> factory.order() <= GenerationRefreshTokenProviderFactory.ORDER)
                .filter(factory -> supports.test(provider(factory)))
                .findFirst()
                .filter(factory -> !factory.getId().equals(DefaultRefreshTokenProviderFactory.PROVIDER_ID))
                .isEmpty();
    }

    /** Returns whether there are no providers besides ours and Keycloak's own provider for sessions. */
    boolean areOnlyOurs() {
        List<ProviderFactory<?>> all = factories().toList();
        return all.stream().anyMatch(ForeignProviders::isOurs)
                && all.stream()
                        .allMatch(factory -> ForeignProviders.isOurs(factory)
                                || factory.getClass() == DefaultRefreshTokenProviderFactory.class);
    }

    /** Returns the class of the factory whose provider decides about a token, or nothing if our provider decides. */
    Optional<String> foreignOneFor(Predicate<RefreshTokenProvider> supports) {
        Optional<ProviderFactory<?>> deciding =
                inOrder().filter(factory -> decides(factory, supports)).findFirst();
        if (deciding.isEmpty()) {
            return Optional.of(NOBODY);
        }
        return deciding.filter(factory -> !ForeignProviders.isOurs(factory))
                .map(factory -> factory.getClass().getName());
    }

    /** A provider that fails decides as well, because a request that asks it goes no further. */
    private boolean decides(ProviderFactory<?> factory, Predicate<RefreshTokenProvider> supports) {
        try {
            return supports.test(provider(factory));
        } catch (RuntimeException | LinkageError e) {
            LOGGER.debugf(e, "%s fails", factory.getClass().getName());
            return true;
        }
    }

    private RefreshTokenProvider provider(ProviderFactory<?> factory) {
        return session.getProvider(RefreshTokenProvider.class, factory.getId());
    }

    private Stream<ProviderFactory<?>> inOrder() {
        return factories().sorted((one, another) -> another.order() - one.order());
    }

    private Stream<ProviderFactory<?>> factories() {
        return session.getKeycloakSessionFactory()
                .getProviderFactoriesStream(RefreshTokenProvider.class)
                .map(factory -> factory);
    }
}
