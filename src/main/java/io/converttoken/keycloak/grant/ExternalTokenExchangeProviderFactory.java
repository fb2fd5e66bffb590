// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import io.converttoken.keycloak.ShownInServerInfo;
import org.keycloak.Config;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.protocol.oidc.TokenExchangeProvider;
import org.keycloak.protocol.oidc.TokenExchangeProviderFactory;

/** Registers the RFC 8693 dialect before Keycloak's own token exchanges, which would refuse {@code subject_issuer}. */
public final class ExternalTokenExchangeProviderFactory implements TokenExchangeProviderFactory, ShownInServerInfo {

    private static final int BEFORE_CORE = 100;

    @Override
    public String getId() {
        return "convert-token";
    }

    @Override
    public int order() {
        return BEFORE_CORE;
    }

    @Override
    public TokenExchangeProvider create(KeycloakSession session) {
        return new ExternalTokenExchangeProvider();
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
