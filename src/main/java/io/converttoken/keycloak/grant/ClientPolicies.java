// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import io.converttoken.keycloak.internals.ViewedPolicies;
import io.converttoken.keycloak.refusal.PolicyRefusedException;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import org.keycloak.OAuth2Constants;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.ClientModel;
import org.keycloak.protocol.oidc.TokenExchangeContext;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.services.clientpolicy.ClientPolicyContext;
import org.keycloak.services.clientpolicy.ClientPolicyException;
import org.keycloak.services.clientpolicy.ClientPolicyManager;
import org.keycloak.services.clientpolicy.context.ServiceAccountTokenRequestContext;
import org.keycloak.services.clientpolicy.context.ServiceAccountTokenResponseContext;
import org.keycloak.services.clientpolicy.context.TokenExchangeRequestContext;
import org.keycloak.services.clientpolicy.context.TokenRefreshContext;

/**
 * Asks the realm's client policies about a conversion, before anything is done and before the answer is sent.
 *
 * <p>A conversion is a token exchange, and the conditions of the policies see it as one. Most of Keycloak's executors
 * ignore token exchanges: they check the client, such as how it authenticates, for client credentials and for
 * refreshes. Therefore the executors of the policies that apply see the conversion as these two requests as well. The
 * events themselves are not triggered, because a policy for client credentials says nothing about conversions.
 *
 * <p>Each method throws {@link PolicyRefusedException} when a policy refuses the conversion.
 */
final class ClientPolicies {

    private final TokenExchangeContext conversion;

    ClientPolicies(TokenExchangeContext conversion) {
        this.conversion = conversion;
    }

    /** Asks about the token exchange. Keycloak asks this by itself for every request in the RFC 8693 dialect. */
    void askAboutExchange() {
        ask(conversion.getSession().clientPolicy());
    }

    /** Asks whether the client meets what the policies demand of every request for tokens. */
    void askAboutClient() {
        show(new ClientCredentials(conversion), refresh());
    }

    /** Asks about the answer before it is sent, and lets the policies change it. */
    void askAboutAnswer(AuthenticatedClientSessionModel clientSession, TokenManager.AccessTokenResponseBuilder answer) {
        show(new ServiceAccountTokenResponseContext(conversion.getFormParams(), clientSession, answer));
    }

    private void show(ClientPolicyContext... requests) {
        ask(ViewedPolicies.of(conversion.getSession(), (executor, exchange) -> List.of(requests)));
    }

    private void ask(ClientPolicyManager policies) {
        try {
            policies.triggerOnEvent(new TokenExchangeRequestContext(conversion));
        } catch (ClientPolicyException e) {
            throw new PolicyRefusedException(e);
        }
    }

    /** Removes a refresh token that the caller sends, because a conversion does not use it. */
    private TokenRefreshContext refresh() {
        MultivaluedMap<String, String> parameters = new MultivaluedHashMap<>(conversion.getFormParams());
        parameters.remove(OAuth2Constants.REFRESH_TOKEN);
        return new TokenRefreshContext(parameters, conversion.getClient(), scope(conversion));
    }

    private static String scope(TokenExchangeContext conversion) {
        return conversion.getParams().getScope();
    }

    /**
     * A request for client credentials. It has no client session, because there is none yet and no executor of Keycloak
     * reads it.
     */
    private static final class ClientCredentials extends ServiceAccountTokenRequestContext {

        private final TokenExchangeContext conversion;

        ClientCredentials(TokenExchangeContext conversion) {
            super(conversion.getFormParams(), null);
            this.conversion = conversion;
        }

        @Override
        public ClientModel getClient() {
            return conversion.getClient();
        }

        @Override
        public String getScopeParameter() {
            return scope(conversion);
        }
    }
}
