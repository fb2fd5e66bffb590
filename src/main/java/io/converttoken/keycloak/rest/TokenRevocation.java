// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.UnreadRequest;
import io.converttoken.keycloak.http.UnreadableBodyException;
import io.converttoken.keycloak.internals.ViewedPolicies;
import io.converttoken.keycloak.refusal.PolicyRefusedException;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.keycloak.OAuth2Constants;
import org.keycloak.common.util.Time;
import org.keycloak.events.Details;
import org.keycloak.events.EventType;
import org.keycloak.headers.SecurityHeadersProvider;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserSessionModel;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.protocol.oidc.endpoints.TokenRevocationEndpoint;
import org.keycloak.representations.AccessToken;
import org.keycloak.services.clientpolicy.ClientPolicyContext;
import org.keycloak.services.clientpolicy.ClientPolicyException;
import org.keycloak.services.clientpolicy.ClientPolicyManager;
import org.keycloak.services.clientpolicy.context.TokenRevokeContext;
import org.keycloak.services.clientpolicy.executor.DPoPBindEnforcerExecutorFactory;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;
import org.keycloak.util.TokenUtil;

/**
 * Token revocation (RFC 7009) by Keycloak's own endpoint. A caller that sends only a bearer token revokes that token,
 * as in drf-social-oauth2. The token must not have expired and, if it is bound, must come with its proof of possession.
 */
final class TokenRevocation {

    private final KeycloakSession session;

    TokenRevocation(KeycloakSession session) {
        this.session = session;
    }

    Response revoke(UnreadRequest unread) {
        Optional<String> bearer = new Bearer(session).text();
        try {
            FormRequest request = unread.read();
            boolean isOfBearer = bearer.isPresent() && !request.has(TokenRevocationEndpoint.PARAM_TOKEN);
            FormRequest revocation =
                    isOfBearer ? request.with(TokenRevocationEndpoint.PARAM_TOKEN, bearer.get()) : request;
            return isOfBearer && !namesClient(request)
                    ? revokeBearer(UnreadRequest.of(revocation))
                    : revokeByClient(UnreadRequest.of(revocation));
        } catch (UnreadableBodyException e) {
            UnreadRequest refused = UnreadRequest.of(e);
            return bearer.isPresent() ? revokeBearer(refused) : revokeByClient(refused);
        }
    }

    private Response revokeByClient(UnreadRequest unread) {
        return new ClientCall(session, EventType.REVOKE_GRANT)
                .answer(unread, event -> new TokenRevocationEndpoint(session, event).revoke());
    }

    private Response revokeBearer(UnreadRequest unread) {
        return new BearerCall(session, EventType.REVOKE_GRANT)
                .answer(unread, Response.Status.OK, (caller, request, event) -> {
                    showToPolicies(caller, request);
                    AccessToken token = caller.token();
                    revoke(token);
                    Optional.ofNullable(caller.session())
                            .ifPresent(userSession -> endExchangedSessions(userSession, token));
                    event.detail(Details.TOKEN_ID, token.getId());
                    session.getProvider(SecurityHeadersProvider.class).options().allowEmptyContentType();
                });
    }

    private void showToPolicies(AuthResult caller, FormRequest request) {
        try {
            policies(caller)
                    .triggerOnEvent(new TokenRevokeContext(caller.client(), request.getDecodedFormParameters()));
        } catch (ClientPolicyException e) {
            throw new PolicyRefusedException(e);
        }
    }

    /**
     * Hides the call from the policy executor that checks the proof of possession of a DPoP token. The proof has been
     * verified together with the token, and it can be used only once.
     */
    private ClientPolicyManager policies(AuthResult caller) {
        boolean isProven =
                TokenUtil.TOKEN_TYPE_DPOP.equalsIgnoreCase(caller.token().getType());
        return isProven ? ViewedPolicies.of(session, TokenRevocation::withoutProof) : session.clientPolicy();
    }

    private static List<ClientPolicyContext> withoutProof(String executor, ClientPolicyContext revocation) {
        return executor.equals(DPoPBindEnforcerExecutorFactory.PROVIDER_ID) ? List.of() : List.of(revocation);
    }

    /** Remembers the revocation until the token has expired everywhere, as {@link TokenRevocationEndpoint} does. */
    private void revoke(AccessToken token) {
        long lifespan = Math.max(token.getExp() - Time.currentTimeSeconds() + 1, 10);
        session.revokedTokens().put(token.getId(), lifespan);
    }

    /** Ends the tokens that were exchanged for the revoked one, as {@link TokenRevocationEndpoint} does. */
    private static void endExchangedSessions(UserSessionModel userSession, AccessToken token) {
        String child = Constants.TOKEN_EXCHANGE_SUBJECT_CLIENT + token.getIssuedFor();
        for (AuthenticatedClientSessionModel clientSession :
                userSession.getAuthenticatedClientSessions().values().stream().toList()) {
            if (clientSession.getNote(child) != null) {
                TokenManager.detachClientSession(clientSession);
            }
        }
    }

    private static boolean namesClient(FormRequest request) {
        return request.has(OAuth2Constants.CLIENT_ID) || request.has(OAuth2Constants.CLIENT_ASSERTION);
    }
}
