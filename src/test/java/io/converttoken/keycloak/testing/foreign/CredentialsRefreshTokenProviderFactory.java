// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.foreign;

import org.keycloak.models.ClientScopeModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.refresh.DefaultRefreshTokenProvider;
import org.keycloak.protocol.oidc.refresh.DefaultRefreshTokenProviderFactory;
import org.keycloak.protocol.oidc.refresh.InitialRefreshTokenContext;
import org.keycloak.protocol.oidc.refresh.RefreshTokenContext;
import org.keycloak.protocol.oidc.refresh.RefreshTokenProvider;
import org.keycloak.representations.RefreshToken;

/**
 * Meant for tokens of another kind: those with the scope {@code credentials}, which say so. Of the same order as ours; by its
 * id, Keycloak happens to ask ours before.
 */
public final class CredentialsRefreshTokenProviderFactory extends DefaultRefreshTokenProviderFactory {

    private static final String KIND = "credentials";

    @Override
    public String getId() {
        return KIND;
    }

    @Override
    public int order() {
        return 1;
    }

    @Override
    public RefreshTokenProvider create(KeycloakSession session) {
        return new Credentials(session);
    }

    private static final class Credentials extends DefaultRefreshTokenProvider {

        Credentials(KeycloakSession session) {
            super(session);
        }

        @Override
        public boolean supports(InitialRefreshTokenContext context) {
            return context.clientSessionCtx()
                    .getClientScopesStream()
                    .map(ClientScopeModel::getName)
                    .anyMatch(KIND::equals);
        }

        @Override
        public boolean supports(RefreshTokenContext context) {
            return context.grantContext().getClient().isEnabled()
                    && KIND.equals(context.oldRefreshToken().getOtherClaims().get("kind"));
        }

        @Override
        public RefreshToken generateRefreshToken(InitialRefreshTokenContext context) {
            RefreshToken token = super.generateRefreshToken(context);
            token.getOtherClaims().put("kind", KIND);
            return token;
        }
    }
}
