package io.converttoken.keycloak.verification;

import org.keycloak.broker.oidc.OAuth2IdentityProviderConfig;
import org.keycloak.models.KeycloakSession;
import org.keycloak.utils.StringUtil;
import org.keycloak.vault.VaultStringSecret;

/** Our secret at the provider, from the vault where the configuration refers to it. */
final class ClientSecret {

    private ClientSecret() {}

    static String of(KeycloakSession session, OAuth2IdentityProviderConfig config) {
        if (StringUtil.isBlank(config.getClientSecret())) {
            throw new ProviderUnavailableException("identity provider has no client secret to ask with");
        }
        try (VaultStringSecret secret = session.vault().getStringSecret(config.getClientSecret())) {
            return secret.get().orElse(config.getClientSecret());
        }
    }
}
