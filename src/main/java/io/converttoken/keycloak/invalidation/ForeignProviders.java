// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.internals.Decorated;
import io.converttoken.keycloak.internals.Internals;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.keycloak.Config;
import org.keycloak.http.HttpRequest;
import org.keycloak.http.HttpResponse;
import org.keycloak.models.ClientModel;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.light.LightweightUserAdapter;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.models.utils.PostMigrationEvent;
import org.keycloak.protocol.oidc.TokenIntrospectionProvider;
import org.keycloak.provider.ProviderFactory;
import org.keycloak.services.clientpolicy.ClientPolicyManager;

/**
 * Providers of other extensions that Keycloak asks in place of ours. Invalidated refresh tokens would then go on
 * working, and nobody would notice, because the invalidation is stored but no provider reads it.
 */
final class ForeignProviders {

    private static final Logger LOGGER = Logger.getLogger(ForeignProviders.class);

    /**
     * The ids of the providers that read refresh tokens, whatever their name says. There is one provider for each id.
     */
    private static final List<String> INTROSPECTION =
            List.of("access_token", "refresh_token", "requesting_party_token");

    private static final String TASK = "convert-token check of providers";

    private final KeycloakSession session;

    ForeignProviders(KeycloakSession session) {
        this.session = session;
    }

    static boolean isOurs(ProviderFactory<?> factory) {
        return factory.getClass().getPackageName().equals(ForeignProviders.class.getPackageName());
    }

    /** Logs what another extension has taken over, when the server has started. */
    static void reportAtStart(KeycloakSessionFactory factory) {
        factory.register(event -> {
            if (event instanceof PostMigrationEvent) {
                KeycloakModelUtils.runJobInTransaction(factory, own -> new ForeignProviders(own).report());
            }
        });
    }

    /**
     * Refuses if another extension decides about the refresh tokens of one of these clients, or if this Keycloak does
     * not ask our providers. The check uses the realm, the user and the clients of the call, because a provider may
     * take the tokens of some clients alone. If there is no foreign provider, no provider is asked.
     *
     * @throws OverruledException when it refuses
     */
    void refuseToBeOverruled(UserModel user, List<ClientModel> clients) {
        Set<String> deciding = new LinkedHashSet<>(ofIntrospection());
        Internals.missingForRefreshTokens(session).forEach(missing -> deciding.add("Keycloak without " + missing));
        if (!new RefreshTokenProviders(session).areOnlyOurs()) {
            clients.forEach(client -> deciding.addAll(inASession(own -> {
                own.getContext().setClient(client);
                return ofRefreshTokens(own, user);
            })));
        }
        if (!deciding.isEmpty()) {
            throw new OverruledException(deciding);
        }
    }

    private List<String> ofIntrospection() {
        return INTROSPECTION.stream()
                .flatMap(id -> Optional.<ProviderFactory<?>>ofNullable(
                        session.getKeycloakSessionFactory().getProviderFactory(TokenIntrospectionProvider.class, id))
                        .stream())
                .filter(factory -> !isOurs(factory))
                .map(factory -> factory.getClass().getName())
                .toList();
    }

    /** @param own a session whose realm and client are set */
    private static Set<String> ofRefreshTokens(KeycloakSession own, UserModel user) {
        RefreshTokenProviders providers = new RefreshTokenProviders(own);
        return new PlainTokens(own, user)
                .questions().stream()
                        .flatMap(question -> providers.foreignOneFor(question).stream())
                        .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private <T> T inASession(Function<KeycloakSession, T> check) {
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                own -> {
                    own.getTransactionManager().setRollbackOnly();
                    return check.apply(own);
                },
                TASK);
    }

    private void report() {
        session.getTransactionManager().setRollbackOnly();
        Set<String> deciding = new LinkedHashSet<>(ofIntrospection());
        if (!new RefreshTokenProviders(session).areOnlyOurs()) {
            deciding.addAll(ofAnybodysRefreshTokens());
        }
        if (!deciding.isEmpty()) {
            LOGGER.errorf(
                    "Refresh tokens cannot be invalidated, and every call that should do it is refused: %s decides about them,"
                            + " in place of Keycloak Convert Token. Remove the extension that it comes from, or lower its"
                            + " order.",
                    String.join(", ", deciding));
        }
        ProviderFactory<?> policies = session.getKeycloakSessionFactory().getProviderFactory(ClientPolicyManager.class);
        if (policies != null && !isOurs(policies)) {
            LOGGER.errorf(
                    "Codes that were issued before their session ended can be redeemed, and invalidated refresh tokens can"
                            + " sign out and revoke: %s decides about client policies, in place of Keycloak Convert Token.",
                    policies.getClass().getName());
        }
    }

    /**
     * Asks about a client of the administration realm, because there is no user and no request when the server starts.
     */
    private Set<String> ofAnybodysRefreshTokens() {
        RealmModel realm = session.realms().getRealmByName(Config.getAdminRealm());
        ClientModel client = Optional.ofNullable(realm.getClientByClientId(Constants.ADMIN_CLI_CLIENT_ID))
                .orElseGet(realm::getMasterAdminClient);
        LightweightUserAdapter user = new LightweightUserAdapter(session, realm, TASK);
        user.setUsername(TASK);
        session.getContext().setRealm(realm);
        session.getContext().setClient(client);
        session.getContext().setHttpRequest(Decorated.empty(HttpRequest.class));
        session.getContext().setHttpResponse(Decorated.empty(HttpResponse.class));
        return ofRefreshTokens(session, user);
    }
}
