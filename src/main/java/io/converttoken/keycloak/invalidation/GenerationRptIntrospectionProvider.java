// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import org.keycloak.authorization.protection.introspect.RPTIntrospectionProvider;
import org.keycloak.models.KeycloakSession;

/**
 * Keycloak's own provider, except that an invalidated refresh token is inactive. A caller may send one with this hint.
 */
final class GenerationRptIntrospectionProvider extends RPTIntrospectionProvider {

    GenerationRptIntrospectionProvider(KeycloakSession session) {
        super(session);
    }

    @Override
    protected boolean verifyTokenReuse() {
        return super.verifyTokenReuse()
                && new LivingRefreshTokens(session).admit(token, userSession, client, eventBuilder);
    }
}
