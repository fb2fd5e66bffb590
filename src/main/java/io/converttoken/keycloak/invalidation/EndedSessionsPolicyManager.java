// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuth2Constants;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.Errors;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.OAuth2DeviceCodeModel;
import org.keycloak.models.RealmModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.protocol.oidc.endpoints.TokenRevocationEndpoint;
import org.keycloak.protocol.oidc.grants.device.clientpolicy.context.DeviceTokenRequestContext;
import org.keycloak.protocol.oidc.utils.OAuth2Code;
import org.keycloak.protocol.oidc.utils.OAuth2CodeParser;
import org.keycloak.services.clientpolicy.ClientPolicyContext;
import org.keycloak.services.clientpolicy.ClientPolicyException;
import org.keycloak.services.clientpolicy.DefaultClientPolicyManager;
import org.keycloak.services.clientpolicy.context.LogoutRequestContext;
import org.keycloak.services.clientpolicy.context.TokenRequestContext;
import org.keycloak.services.clientpolicy.context.TokenRevokeContext;

/**
 * Keycloak's client policies, with checks of ours after them. Keycloak asks the policies before a code is redeemed and
 * before a refresh token signs out or revokes, and there is no other place to object. Codes that were issued before
 * their session ended, and refresh tokens that were invalidated, have no effect there.
 */
final class EndedSessionsPolicyManager extends DefaultClientPolicyManager {

    private static final String LEFT_OVER = "Code was issued before its session ended";

    private final KeycloakSession session;
    private final DeadRefreshTokens dead;

    EndedSessionsPolicyManager(KeycloakSession session) {
        super(session);
        this.session = session;
        this.dead = new DeadRefreshTokens(session);
    }

    /** Asks the policies first, because they may put another token into the request. */
    @Override
    public void triggerOnEvent(ClientPolicyContext context) throws ClientPolicyException {
        super.triggerOnEvent(context);
        if (context instanceof TokenRequestContext request) {
            refuseLeftover(request.getParseResult());
        } else if (context instanceof DeviceTokenRequestContext request) {
            refuseLeftover(request.getDeviceCodeModel());
        } else if (context instanceof LogoutRequestContext request && request.getParams() != null) {
            refuseDead(request.getParams());
        } else if (context instanceof TokenRevokeContext request) {
            ignoreDead(request.getParams());
        }
    }

    private void refuseLeftover(OAuth2CodeParser.ParseResult code) throws ClientPolicyException {
        RealmModel realm = session.getContext().getRealm();
        int issued = code.getCodeData().getExpiration() - realm.getAccessCodeLifespan();
        if (isLeftover(issued, code.getCodeData(), code.getClientSession())) {
            throw new ClientPolicyException(Errors.INVALID_CODE, LEFT_OVER);
        }
    }

    /**
     * Returns whether a code is older than its client session. That session may have been removed together with its
     * user session, and both made anew under the same ids. One second is allowed, as where Keycloak compares a token
     * with the start of its session.
     */
    private static boolean isLeftover(int issued, OAuth2Code code, AuthenticatedClientSessionModel clientSession) {
        return issued + 1 < clientSession.getStarted()
                || ClientSessionEpoch.of(
                                clientSession.getUserSession(),
                                clientSession.getClient().getId())
                        .filter(epoch -> epoch.began() > issued
                                || (epoch.began() == issued && !isOfLatestLogin(code, clientSession)))
                        .isPresent();
    }

    /**
     * Decides in the second in which the session ended, when the time does not show whether the code was issued before
     * or after. The new client session keeps the nonce and the code challenge of the latest request for a code.
     */
    private static boolean isOfLatestLogin(OAuth2Code code, AuthenticatedClientSessionModel clientSession) {
        return isSame(code.getNonce(), clientSession.getNote(OIDCLoginProtocol.NONCE_PARAM))
                || isSame(code.getCodeChallenge(), clientSession.getNote(OIDCLoginProtocol.CODE_CHALLENGE_PARAM));
    }

    private static boolean isSame(@Nullable String one, @Nullable String another) {
        return one != null && one.equals(another);
    }

    /** Refuses a device code that was requested before the session ended, because nothing says when it was approved. */
    private void refuseLeftover(OAuth2DeviceCodeModel code) throws ClientPolicyException {
        RealmModel realm = session.getContext().getRealm();
        ClientModel client = session.getContext().getClient();
        int issued = code.getExpiration() - realm.getOAuth2DeviceConfig().getLifespan(client);
        boolean isLeftover = Optional.ofNullable(session.sessions().getUserSession(realm, code.getUserSessionId()))
                .flatMap(userSession -> ClientSessionEpoch.of(userSession, client.getId()))
                .filter(epoch -> issued <= epoch.began())
                .isPresent();
        if (isLeftover) {
            throw new ClientPolicyException(Errors.INVALID_OAUTH2_DEVICE_CODE, LEFT_OVER);
        }
    }

    private void refuseDead(MultivaluedMap<String, String> parameters) throws ClientPolicyException {
        if (isDead(parameters, OAuth2Constants.REFRESH_TOKEN)) {
            throw new ClientPolicyException(OAuthErrorException.INVALID_GRANT, "Refresh token was invalidated");
        }
    }

    /** Answers as Keycloak does for a token that it does not know (RFC 7009, section 2.2). */
    private void ignoreDead(MultivaluedMap<String, String> parameters) throws ClientPolicyException {
        if (isDead(parameters, TokenRevocationEndpoint.PARAM_TOKEN)) {
            throw new ClientPolicyException(OAuthErrorException.INVALID_TOKEN, "Invalid token", Response.Status.OK);
        }
    }

    private boolean isDead(MultivaluedMap<String, String> parameters, String name) {
        String token = parameters.getFirst(name);
        return token != null && dead.contain(token);
    }
}
