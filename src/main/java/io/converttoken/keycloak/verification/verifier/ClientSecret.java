// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Refusal;
import org.keycloak.broker.oidc.OAuth2IdentityProviderConfig;
import org.keycloak.models.KeycloakSession;
import org.keycloak.utils.StringUtil;
import org.keycloak.vault.VaultStringSecret;

/** Reads our secret at the provider, from the vault if the configuration refers to it. */
final class ClientSecret {

    private ClientSecret() {}

    static String of(KeycloakSession session, OAuth2IdentityProviderConfig config) {
        if (StringUtil.isBlank(config.getClientSecret())) {
            throw new ExternalTokenRefusedException(Refusal.NO_SECRET_CONFIGURED);
        }
        try (VaultStringSecret secret = session.vault().getStringSecret(config.getClientSecret())) {
            return secret.get().orElse(config.getClientSecret());
        }
    }
}
