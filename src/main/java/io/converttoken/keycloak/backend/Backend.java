// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.metrics.BackendId;
import io.converttoken.keycloak.metrics.Labels;
import io.converttoken.keycloak.metrics.Meters;
import io.converttoken.keycloak.metrics.NodeMeters;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.keycloak.broker.oidc.KeycloakOIDCIdentityProviderFactory;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.broker.oidc.OIDCIdentityProviderFactory;
import org.keycloak.broker.provider.UserAuthenticationIdentityProvider;
import org.keycloak.models.ClientModel;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.resources.IdentityBrokerService;
import org.keycloak.social.gitlab.GitLabIdentityProviderFactory;
import org.keycloak.social.google.GoogleIdentityProviderFactory;

/**
 * An identity provider of the realm whose tokens may be converted.
 *
 * @param identityProvider the identity provider, which is enabled
 * @param mapperId the id of its {@code convert-token} mapper
 * @param config the configuration of that mapper
 * @param mappers the identity provider's other mappers, in the order in which Keycloak runs them
 */
public record Backend(
        IdentityProviderModel identityProvider,
        String mapperId,
        BackendConfig config,
        List<IdentityProviderMapperModel> mappers) {

    private static final String CLIENT_ID = "clientId";
    private static final String APPLE_EXTENSION = "apple";

    /**
     * The types that take logout tokens and check their signatures only if {@code validateSignature} is set. LinkedIn's
     * type sets it by itself, and all other types take no logout tokens ({@code TokenManager.verifyLogoutToken},
     * 26.7.3).
     */
    private static final Set<String> CHECK_SIGNATURES_WHEN_TOLD = Set.of(
            OIDCIdentityProviderFactory.PROVIDER_ID,
            KeycloakOIDCIdentityProviderFactory.PROVIDER_ID,
            GoogleIdentityProviderFactory.PROVIDER_ID,
            GitLabIdentityProviderFactory.PROVIDER_ID);

    public Backend {
        mappers = List.copyOf(mappers);
    }

    /** Returns the alias of the identity provider, under which its federated identities are stored. */
    public String alias() {
        return identityProvider.getAlias();
    }

    /** Returns the ids by which this node knows the backend, whatever its name is. */
    public BackendId id(RealmModel realm) {
        return new BackendId(realm.getId(), identityProvider.getInternalId(), mapperId);
    }

    /**
     * Returns the meters of this backend, which is of the session's realm. Another backend that gets its name gets
     * other meters.
     */
    public Meters meters(KeycloakSession session) {
        RealmModel realm = session.getContext().getRealm();
        return NodeMeters.of(session).of(id(realm), new Labels(realm.getName(), alias()));
    }

    /** Returns the identity provider's type, such as {@code oidc}. */
    public String providerId() {
        return identityProvider.getProviderId();
    }

    public boolean allows(ClientModel client) {
        return config.allows(client);
    }

    /** Returns our client ids at the provider. A token that was issued to none of them is not for us. */
    public Set<String> ourClientIds() {
        Set<String> ours = new LinkedHashSet<>(config.acceptedAudiences());
        if (!clientId().isEmpty()) {
            ours.add(clientId());
        }
        return ours;
    }

    /** Returns the identity provider's own client id, whose secret we have. It is empty if none is configured. */
    public String clientId() {
        String clientId = identityProvider.getConfig().get(CLIENT_ID);
        return clientId == null ? "" : clientId.trim();
    }

    /** Returns whether the identity provider is of the type that klausbetz/apple-identity-provider-keycloak brings. */
    public boolean isOfAppleExtension() {
        return isOfAppleExtension(identityProvider);
    }

    public static boolean isOfAppleExtension(IdentityProviderModel identityProvider) {
        return APPLE_EXTENSION.equals(identityProvider.getProviderId());
    }

    /** Returns what client secrets for Apple are made of. The extension's own configuration has it as well. */
    public Optional<AppleKey> appleKey() {
        return config.appleKey().or(() -> isOfAppleExtension() ? keyOfExtension() : Optional.empty());
    }

    /** Where the extension keeps its key depends on its version: it is the client secret in 1.15.0. */
    private Optional<AppleKey> keyOfExtension() {
        String teamId = setting("teamId");
        String keyId = setting("keyId");
        String privateKey = setting("p8Content").isEmpty() ? setting("clientSecret") : setting("p8Content");
        return teamId.isEmpty() || keyId.isEmpty() || privateKey.isEmpty()
                ? Optional.empty()
                : Optional.of(new AppleKey(teamId, keyId, privateKey));
    }

    private String setting(String name) {
        return identityProvider.getConfig().getOrDefault(name, "").trim();
    }

    /** Returns whether Keycloak ends sessions of this backend by a logout token whose signature it does not check. */
    boolean believesUnsignedLogoutTokens() {
        return CHECK_SIGNATURES_WHEN_TOLD.contains(providerId())
                && !Boolean.parseBoolean(
                        identityProvider.getConfig().get(OIDCIdentityProviderConfig.VALIDATE_SIGNATURE));
    }

    /** Returns Keycloak's own class for this identity provider, as the browser login uses it. */
    public UserAuthenticationIdentityProvider<?> open(KeycloakSession session) {
        return IdentityBrokerService.getIdentityProvider(session, alias());
    }
}
