// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import io.converttoken.keycloak.backend.Backends;
import org.keycloak.broker.oidc.OIDCIdentityProvider;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.broker.oidc.OIDCIdentityProviderFactory;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;

/**
 * Takes the place of Keycloak's factory for OpenID Connect, under the same id, so that browser logins through Apple have
 * a client secret that does not end. For every other identity provider, and for Apple's without a key in the mapper,
 * it makes the same as Keycloak's. The admin API describes it as it describes Keycloak's, so that the version of the
 * extension is not shown there.
 */
public final class AppleLoginFactory extends OIDCIdentityProviderFactory {

    @Override
    public OIDCIdentityProvider create(KeycloakSession session, IdentityProviderModel model) {
        if (!AppleLogin.isApples(model.getConfig().get(OIDCIdentityProviderConfig.TOKEN_ENDPOINT_URL))) {
            return super.create(session, model);
        }
        return new Backends(session)
                .of(model)
                .filter(backend -> backend.appleKey().isPresent())
                .<OIDCIdentityProvider>map(
                        backend -> new AppleLogin(session, new OIDCIdentityProviderConfig(model), backend))
                .orElseGet(() -> super.create(session, model));
    }

    @Override
    public int order() {
        return 1;
    }
}
