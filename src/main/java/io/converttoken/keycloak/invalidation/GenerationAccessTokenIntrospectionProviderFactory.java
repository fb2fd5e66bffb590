// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.ShownInServerInfo;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.AccessTokenIntrospectionProviderFactory;
import org.keycloak.protocol.oidc.TokenIntrospectionProvider;

/** Takes the place of Keycloak's provider for tokens that are introspected without a hint. */
public final class GenerationAccessTokenIntrospectionProviderFactory extends AccessTokenIntrospectionProviderFactory
        implements ShownInServerInfo {

    @Override
    public TokenIntrospectionProvider create(KeycloakSession session) {
        return new GenerationAccessTokenIntrospectionProvider(session);
    }

    @Override
    public int order() {
        return 1;
    }
}
