package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.OAuthError;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.keycloak.OAuth2Constants;
import org.keycloak.common.util.Time;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.headers.SecurityHeadersProvider;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserSessionModel;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.protocol.oidc.endpoints.TokenRevocationEndpoint;
import org.keycloak.representations.AccessToken;
import org.keycloak.services.clientpolicy.ClientPolicyException;
import org.keycloak.services.clientpolicy.context.TokenRevokeContext;
import org.keycloak.services.cors.Cors;
import org.keycloak.services.managers.AppAuthManager;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;

/**
 * Token revocation (RFC 7009) by Keycloak's own endpoint. A caller with nothing but a bearer token revokes that token, as
 * drf-social-oauth2 allows: holding it, unexpired and with its proof of possession where it is bound, is enough to end
 * it.
 */
final class TokenRevocation {

    private static final Set<String> SCHEMES = Set.of("bearer", "dpop");

    private final KeycloakSession session;

    TokenRevocation(KeycloakSession session) {
        this.session = session;
    }

    Response revoke(FormRequest request) {
        if (request.has(TokenRevocationEndpoint.PARAM_TOKEN)) {
            return revokeByClient(request);
        }
        Optional<String> bearer = bearer();
        if (bearer.isPresent() && namesClient(request)) {
            return revokeByClient(request.with(TokenRevocationEndpoint.PARAM_TOKEN, bearer.get()));
        }
        return bearer.isPresent()
                ? revokeBearer(request.with(TokenRevocationEndpoint.PARAM_TOKEN, bearer.get())
                        .getDecodedFormParameters())
                : revokeByClient(request);
    }

    private Response revokeByClient(FormRequest request) {
        session.getContext().setHttpRequest(request);
        return new TokenRevocationEndpoint(session, event()).revoke();
    }

    private Response revokeBearer(MultivaluedMap<String, String> parameters) {
        EventBuilder event = event().event(EventType.REVOKE_GRANT);
        Bearer bearer = new Bearer(session);
        if (bearer.isInsecure()) {
            return Bearer.insecure();
        }
        Optional<AuthResult> present = bearer.caller();
        if (present.isEmpty()) {
            event.error(Errors.INVALID_TOKEN);
            return Bearer.invalid();
        }
        AuthResult caller = present.get();
        try {
            session.clientPolicy().triggerOnEvent(new TokenRevokeContext(caller.client(), parameters));
        } catch (ClientPolicyException e) {
            event.detail(Details.REASON, Details.CLIENT_POLICY_ERROR).error(e.getError());
            return OAuthError.of(e.getError(), e.getErrorDetail()).answer(e.getErrorStatus(), Map.of());
        }
        AccessToken token = caller.token();
        revoke(token);
        Optional.ofNullable(caller.session()).ifPresent(userSession -> endExchangedSessions(userSession, token));
        event.client(caller.client())
                .user(caller.user())
                .detail(Details.TOKEN_ID, token.getId())
                .success();
        session.getProvider(SecurityHeadersProvider.class).options().allowEmptyContentType();
        return Cors.builder()
                .auth()
                .checkAllowedOrigins(session, caller.client())
                .allowedMethods("POST")
                .add(Response.ok());
    }

    /** As {@link TokenRevocationEndpoint} does it: remembered until the token has expired everywhere. */
    private void revoke(AccessToken token) {
        long lifespan = Math.max(token.getExp() - Time.currentTimeSeconds() + 1, 10);
        session.revokedTokens().put(token.getId(), lifespan);
    }

    /** Tokens that were exchanged for the revoked one end with it, as in {@link TokenRevocationEndpoint}. */
    private static void endExchangedSessions(UserSessionModel userSession, AccessToken token) {
        String child = Constants.TOKEN_EXCHANGE_SUBJECT_CLIENT + token.getIssuedFor();
        for (AuthenticatedClientSessionModel clientSession :
                userSession.getAuthenticatedClientSessions().values().stream().toList()) {
            if (clientSession.getNote(child) != null) {
                TokenManager.detachClientSession(clientSession);
            }
        }
    }

    private Optional<String> bearer() {
        return Optional.ofNullable(AppAuthManager.extractAuthorizationHeaderTokenOrReturnNull(
                        session.getContext().getHttpRequest().getHttpHeaders()))
                .filter(header -> SCHEMES.contains(header.getScheme().toLowerCase(Locale.ROOT)))
                .map(AppAuthManager.AuthHeader::getToken);
    }

    private static boolean namesClient(FormRequest request) {
        return request.has(OAuth2Constants.CLIENT_ID) || request.has(OAuth2Constants.CLIENT_ASSERTION);
    }

    private EventBuilder event() {
        return new EventBuilder(
                session.getContext().getRealm(), session, session.getContext().getConnection());
    }
}
