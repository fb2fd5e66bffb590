// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.ShownInServerInfo;
import io.converttoken.keycloak.internals.SessionRows;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.protocol.oidc.refresh.DefaultRefreshTokenProviderFactory;
import org.keycloak.protocol.oidc.refresh.RefreshTokenProvider;

/**
 * Keycloak asks this provider before its own for sessions, and after its own for verifiable credentials, which have no
 * session.
 */
public final class GenerationRefreshTokenProviderFactory extends DefaultRefreshTokenProviderFactory
        implements ShownInServerInfo {

    static final int ORDER = 1;

    private boolean areSessionsCached = true;

    @Override
    public String getId() {
        return "convert-token";
    }

    @Override
    public int order() {
        return ORDER;
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        areSessionsCached = SessionRows.areCached(factory);
        factory.register(new FormerRows());
        factory.register(new GenerationCleanup());
    }

    @Override
    public RefreshTokenProvider create(KeycloakSession session) {
        return new GenerationRefreshTokenProvider(session, areSessionsCached);
    }
}
