// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import java.util.List;
import org.keycloak.broker.oidc.OAuth2IdentityProviderConfig;
import org.keycloak.models.KeycloakSession;
import org.keycloak.utils.StringUtil;
import org.keycloak.vault.VaultStringSecret;

/** Reads our secret at the provider, from the vault if the configuration refers to it. */
final class ClientSecret {

    private ClientSecret() {}

    static String of(ProviderCalls calls, OAuth2IdentityProviderConfig config) {
        return calls.checks().make(Check.CONFIGURATION, () -> of(calls.session(), config));
    }

    static List<ReasonCode> shortcomings(Backend backend) {
        boolean isMissing =
                StringUtil.isBlank(new OAuth2IdentityProviderConfig(backend.identityProvider()).getClientSecret());
        return isMissing ? List.of(ReasonCode.SECRET_NOT_CONFIGURED) : List.of();
    }

    private static String of(KeycloakSession session, OAuth2IdentityProviderConfig config) {
        if (StringUtil.isBlank(config.getClientSecret())) {
            throw new ExternalTokenRefusedException(ReasonCode.SECRET_NOT_CONFIGURED);
        }
        try (VaultStringSecret secret = session.vault().getStringSecret(config.getClientSecret())) {
            return secret.get().orElse(config.getClientSecret());
        }
    }
}
