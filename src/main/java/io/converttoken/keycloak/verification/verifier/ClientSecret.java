// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keycloak.broker.oidc.OAuth2IdentityProviderConfig;
import org.keycloak.models.KeycloakSession;
import org.keycloak.utils.StringUtil;
import org.keycloak.vault.VaultStringSecret;

/** Reads our secret at the provider, from the vault if the configuration refers to it. */
public final class ClientSecret {

    private static final String VAULT_REFERENCE = "${vault.";

    private ClientSecret() {}

    static String of(ProviderCalls calls, OAuth2IdentityProviderConfig config) {
        return calls.checks().make(Check.CONFIGURATION, () -> of(calls.session(), config));
    }

    static List<ReasonCode> shortcomings(Backend backend) {
        boolean isMissing =
                StringUtil.isBlank(new OAuth2IdentityProviderConfig(backend.identityProvider()).getClientSecret());
        return isMissing ? List.of(ReasonCode.SECRET_NOT_CONFIGURED) : List.of();
    }

    /**
     * Returns a secret with which the provider proves something to us.
     *
     * @param configured the secret, or a reference to the vault
     * @throws ExternalTokenRefusedException when there is no secret, or the vault does not have it, because everybody
     *     knows the text of the reference
     */
    public static String toVerifyWith(KeycloakSession session, @Nullable String configured) {
        if (StringUtil.isBlank(configured)) {
            throw new ExternalTokenRefusedException(ReasonCode.SECRET_NOT_CONFIGURED);
        }
        try (VaultStringSecret secret = session.vault().getStringSecret(configured)) {
            return secret.get()
                    .filter(found -> !found.isBlank() && !found.startsWith(VAULT_REFERENCE))
                    .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.SECRET_NOT_CONFIGURED));
        }
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
