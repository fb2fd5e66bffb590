// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import io.converttoken.keycloak.ShownInServerInfo;
import io.converttoken.keycloak.grant.ConvertTokenRequest.Dialect;
import org.keycloak.Config;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.protocol.oidc.grants.OAuth2GrantType;
import org.keycloak.protocol.oidc.grants.OAuth2GrantTypeFactory;

/** Registers {@code grant_type=convert_token} at every realm's token endpoint. */
public final class ConvertTokenGrantTypeFactory implements OAuth2GrantTypeFactory, ShownInServerInfo {

    /** Two characters in the id of an access token that name its grant. They must be unique among all grants. */
    private static final String SHORTCUT = "cv";

    @Override
    public String getId() {
        return ConvertTokenGrantType.GRANT_TYPE;
    }

    @Override
    public String getShortcut() {
        return SHORTCUT;
    }

    @Override
    public OAuth2GrantType create(KeycloakSession session) {
        return new ConvertTokenGrantType(Dialect.CONVERT_TOKEN);
    }

    @Override
    public void init(Config.Scope config) {
        // nothing to configure
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        // nothing to start
    }

    @Override
    public void close() {
        // nothing to stop
    }
}
