// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.RefreshTokenIntrospectionProvider;

/** Keycloak's own provider, except that an invalidated refresh token is inactive. */
final class GenerationRefreshTokenIntrospectionProvider extends RefreshTokenIntrospectionProvider {

    GenerationRefreshTokenIntrospectionProvider(KeycloakSession session) {
        super(session);
    }

    @Override
    protected boolean verifyTokenReuse() {
        return super.verifyTokenReuse()
                && new LivingRefreshTokens(session).admit(token, userSession, client, eventBuilder);
    }
}
