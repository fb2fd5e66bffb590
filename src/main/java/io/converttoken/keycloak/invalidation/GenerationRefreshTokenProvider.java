package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.signin.SignInTime;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuthErrorException;
import org.keycloak.common.ClientConnection;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.protocol.oidc.TokenManager.AccessTokenResponseBuilder;
import org.keycloak.protocol.oidc.TokenManager.TokenValidation;
import org.keycloak.protocol.oidc.refresh.DefaultRefreshTokenProvider;
import org.keycloak.protocol.oidc.refresh.InitialRefreshTokenContext;
import org.keycloak.protocol.oidc.refresh.RefreshTokenContext;
import org.keycloak.representations.RefreshToken;

/**
 * Keycloak's refresh tokens, with the generation that they belong to and the time of the sign-in that they go back to. A token
 * of another generation is refused. What is refreshed is as old as that sign-in ({@code auth_time}: OpenID Connect Core,
 * section 12.2), however often the person has signed in since in the same browser.
 */
final class GenerationRefreshTokenProvider extends DefaultRefreshTokenProvider {

    private final Generations generations;

    GenerationRefreshTokenProvider(KeycloakSession session) {
        super(session);
        this.generations = new Generations(session);
    }

    @Override
    public RefreshToken generateRefreshToken(InitialRefreshTokenContext context) {
        RefreshToken token = super.generateRefreshToken(context);
        AuthenticatedClientSessionModel clientSession =
                context.clientSessionCtx().getClientSession();
        String generation = generations.current(clientSession.getUserSession(), clientSession.getClient());
        token.getOtherClaims().put(Generations.CLAIM, generation);
        token.setAuth_time(SignInTime.of(clientSession.getUserSession()).seconds());
        return token;
    }

    @Override
    protected void afterRefreshTokenGenerated(RefreshTokenContext context, AccessTokenResponseBuilder answer) {
        super.afterRefreshTokenGenerated(context, answer);
        UserSessionModel userSession =
                answer.getClientSessionCtx().getClientSession().getUserSession();
        SignInTime former = SignInTime.of(context.oldRefreshToken());
        if (SignInTime.of(userSession).isAfter(former)) {
            Stream.of(answer.getAccessToken(), answer.getIdToken(), answer.getRefreshToken())
                    .filter(Objects::nonNull)
                    .forEach(token -> token.setAuth_time(former.seconds()));
        }
    }

    @Override
    protected TokenValidation validateToken(
            KeycloakSession keycloakSession,
            UriInfo uriInfo,
            ClientConnection connection,
            RealmModel realm,
            RefreshToken token,
            HttpHeaders headers,
            @Nullable String scope,
            ClientModel client,
            TokenManager tokenManager,
            EventBuilder event)
            throws OAuthErrorException {
        TokenValidation validation = super.validateToken(
                keycloakSession, uriInfo, connection, realm, token, headers, scope, client, tokenManager, event);
        if (!generations.isAlive(token, validation.userSession, client)) {
            throw new OAuthErrorException(
                    OAuthErrorException.INVALID_GRANT,
                    "Refresh token was invalidated",
                    "Refresh token was invalidated");
        }
        return validation;
    }
}
