// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.AuthorizationCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.CodeClient;
import io.converttoken.keycloak.verification.provider.Introspection;
import org.keycloak.broker.oidc.AbstractOAuth2IdentityProvider;
import org.keycloak.broker.oidc.OAuth2IdentityProviderConfig;
import org.keycloak.models.KeycloakSession;
import org.keycloak.utils.StringUtil;

/** The clients as which codes are redeemed. */
final class CodeClients {

    private CodeClients() {}

    /**
     * Returns the identity provider's own client, which authenticates as Keycloak's class does it in a browser login.
     *
     * @throws InvalidParameterException when the caller names another client, because we do not have its secret
     * @throws ExternalTokenRefusedException when the client has no secret, or there is no address to redeem codes at
     */
    static CodeClient own(KeycloakSession session, AuthorizationCode code, Backend backend) {
        if (code.appIdentifier()
                .filter(named -> !named.equals(backend.clientId()))
                .isPresent()) {
            throw unknownApp();
        }
        return of((AbstractOAuth2IdentityProvider<?>) backend.open(session), code);
    }

    static CodeClient of(AbstractOAuth2IdentityProvider<?> identityProvider, AuthorizationCode code) {
        OAuth2IdentityProviderConfig config = identityProvider.getConfig();
        if (!Introspection.hasSecret(config)) {
            throw new ExternalTokenRefusedException(ReasonCode.SECRET_NOT_CONFIGURED);
        }
        if (StringUtil.isBlank(config.getTokenUrl())) {
            throw new ExternalTokenRefusedException(ReasonCode.ADDRESS_NOT_CONFIGURED);
        }
        return new CodeClient(
                config.getClientId().trim(),
                config.getTokenUrl().trim(),
                code.redirectUri(),
                identityProvider::authenticateTokenRequest);
    }

    static InvalidParameterException unknownApp() {
        return new InvalidParameterException("app_identifier is none of the backend's whose codes can be redeemed");
    }
}
