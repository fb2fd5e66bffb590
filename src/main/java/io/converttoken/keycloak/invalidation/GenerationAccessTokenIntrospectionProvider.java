// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.AccessTokenIntrospectionProvider;
import org.keycloak.representations.AccessToken;

/**
 * Keycloak's own provider, except that an invalidated refresh token is inactive. A refresh token that is sent without a
 * hint comes here. The class extends Keycloak's because the account API casts the provider to it
 * ({@code AccountLoader}, Keycloak 26.7.3).
 */
final class GenerationAccessTokenIntrospectionProvider extends AccessTokenIntrospectionProvider<AccessToken> {

    GenerationAccessTokenIntrospectionProvider(KeycloakSession session) {
        super(session);
    }

    @Override
    protected boolean verifyTokenReuse() {
        return super.verifyTokenReuse()
                && new LivingRefreshTokens(session).admit(token, userSession, client, eventBuilder);
    }
}
