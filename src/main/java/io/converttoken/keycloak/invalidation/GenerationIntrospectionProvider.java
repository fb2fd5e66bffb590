package io.converttoken.keycloak.invalidation;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.jose.jws.JWSInput;
import org.keycloak.jose.jws.JWSInputException;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.protocol.oidc.TokenIntrospectionProvider;
import org.keycloak.representations.RefreshToken;
import org.keycloak.util.TokenUtil;

/**
 * Calls invalidated refresh tokens inactive (RFC 7662, section 2.2), under whatever {@code token_type_hint} they come, and
 * leaves everything else to Keycloak's own provider. What an unverified token says of itself can only make it inactive.
 */
final class GenerationIntrospectionProvider implements TokenIntrospectionProvider {

    private static final Set<String> REFRESH_TOKENS =
            Set.of(TokenUtil.TOKEN_TYPE_REFRESH, TokenUtil.TOKEN_TYPE_OFFLINE);

    private final KeycloakSession session;
    private final TokenIntrospectionProvider keycloaks;

    GenerationIntrospectionProvider(KeycloakSession session, TokenIntrospectionProvider keycloaks) {
        this.session = session;
        this.keycloaks = keycloaks;
    }

    @Override
    public Response introspect(String token, EventBuilder event) {
        if (!isDead(token)) {
            return keycloaks.introspect(token, event);
        }
        event.detail(Details.REASON, "refresh token was invalidated").error(Errors.INVALID_TOKEN);
        return Response.ok(Map.of("active", false))
                .type(MediaType.APPLICATION_JSON_TYPE)
                .build();
    }

    private boolean isDead(String text) {
        return refreshToken(text)
                .flatMap(token -> userSession(token).map(userSession -> isDead(token, userSession)))
                .orElse(false);
    }

    private boolean isDead(RefreshToken token, UserSessionModel userSession) {
        RealmModel realm = session.getContext().getRealm();
        ClientModel client = token.getIssuedFor() == null
                ? null
                : session.clients().getClientByClientId(realm, token.getIssuedFor());
        return client != null
                && userSession.getUser() != null
                && !new Generations(session).isAlive(token, userSession, client);
    }

    private Optional<UserSessionModel> userSession(RefreshToken token) {
        RealmModel realm = session.getContext().getRealm();
        String id = token.getSessionId();
        if (id == null) {
            return Optional.empty();
        }
        return Optional.ofNullable(
                token.getType().equals(TokenUtil.TOKEN_TYPE_OFFLINE)
                        ? session.sessions().getOfflineUserSession(realm, id)
                        : session.sessions().getUserSession(realm, id));
    }

    private static Optional<RefreshToken> refreshToken(String text) {
        try {
            RefreshToken token = new JWSInput(text).readJsonContent(RefreshToken.class);
            return Optional.ofNullable(token).filter(parsed -> REFRESH_TOKENS.contains(parsed.getType()));
        } catch (JWSInputException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        keycloaks.close();
    }
}
