// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.foreign;

import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.refresh.DefaultRefreshTokenProvider;
import org.keycloak.protocol.oidc.refresh.DefaultRefreshTokenProviderFactory;
import org.keycloak.protocol.oidc.refresh.InitialRefreshTokenContext;
import org.keycloak.protocol.oidc.refresh.RefreshTokenContext;
import org.keycloak.protocol.oidc.refresh.RefreshTokenProvider;

/**
 * Comes before all, and takes every refresh token of realm {@code master} and of realms called {@code taken-...}; in realms
 * called {@code broken-...} it fails when one is used. In all others it wants none.
 */
public final class GreedyRefreshTokenProviderFactory extends DefaultRefreshTokenProviderFactory {

    @Override
    public String getId() {
        return "greedy";
    }

    @Override
    public int order() {
        return 1000;
    }

    @Override
    public RefreshTokenProvider create(KeycloakSession session) {
        return new Greedy(session);
    }

    private static final class Greedy extends DefaultRefreshTokenProvider {

        Greedy(KeycloakSession session) {
            super(session);
        }

        @Override
        public boolean supports(InitialRefreshTokenContext context) {
            return isTaken(
                    context.clientSessionCtx().getClientSession().getRealm().getName());
        }

        @Override
        public boolean supports(RefreshTokenContext context) {
            String realm = context.grantContext().getRealm().getName();
            if (realm.startsWith("broken-")) {
                throw new IllegalStateException("This provider is broken");
            }
            return isTaken(realm);
        }

        private static boolean isTaken(String realm) {
            return realm.equals("master") || realm.startsWith("taken-");
        }
    }
}
