// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.grant.ConvertTokenRequest.Dialect;
import jakarta.ws.rs.core.Response;
import org.keycloak.OAuth2Constants;
import org.keycloak.protocol.oidc.OIDCAdvancedConfigWrapper;
import org.keycloak.protocol.oidc.TokenExchangeContext;
import org.keycloak.protocol.oidc.TokenExchangeProvider;
import org.keycloak.protocol.oidc.grants.OAuth2GrantType;

/**
 * The RFC 8693 dialect of the conversion: a token exchange whose {@code subject_issuer} is one of our backends.
 * Keycloak handles every other exchange.
 */
final class ExternalTokenExchangeProvider implements TokenExchangeProvider {

    @Override
    public boolean supports(TokenExchangeContext context) {
        String subjectIssuer = context.getFormParams().getFirst(OAuth2Constants.SUBJECT_ISSUER);
        return subjectIssuer != null && new Backends(context.getSession()).isClaimed(subjectIssuer);
    }

    @Override
    public Response exchange(TokenExchangeContext context) {
        return new ConvertTokenGrantType(Dialect.TOKEN_EXCHANGE)
                .exchange(
                        new OAuth2GrantType.Context(
                                context.getSession(),
                                OIDCAdvancedConfigWrapper.fromClientModel(context.getClient()),
                                context.getClientAuthAttributes(),
                                context.getFormParams(),
                                context.getEvent(),
                                context.getCors(),
                                context.getTokenManager()),
                        context);
    }

    @Override
    public void close() {
        // nothing is held
    }
}
