// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.ShownInServerInfo;
import org.keycloak.authorization.protection.introspect.RPTIntrospectionProviderFactory;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.TokenIntrospectionProvider;

/** Takes the place of Keycloak's provider for tokens that are introspected as requesting party tokens. */
public final class GenerationRptIntrospectionProviderFactory extends RPTIntrospectionProviderFactory
        implements ShownInServerInfo {

    @Override
    public TokenIntrospectionProvider create(KeycloakSession session) {
        return new GenerationRptIntrospectionProvider(session);
    }

    @Override
    public int order() {
        return 1;
    }
}
