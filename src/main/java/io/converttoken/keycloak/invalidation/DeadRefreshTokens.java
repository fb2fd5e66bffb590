// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import java.util.Optional;
import java.util.Set;
import org.keycloak.jose.jws.JWSInput;
import org.keycloak.jose.jws.JWSInputException;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.representations.JsonWebToken;
import org.keycloak.representations.RefreshToken;
import org.keycloak.util.TokenUtil;

/** The refresh tokens that were invalidated: those of a former generation, and those of a former client session. */
final class DeadRefreshTokens {

    private static final Set<String> REFRESH_TOKENS =
            Set.of(TokenUtil.TOKEN_TYPE_REFRESH, TokenUtil.TOKEN_TYPE_OFFLINE);

    private final KeycloakSession session;

    DeadRefreshTokens(KeycloakSession session) {
        this.session = session;
    }

    /**
     * Returns whether a token is a refresh token that was invalidated. It returns false if the token is not genuine or
     * its session is gone, because Keycloak itself refuses such a token.
     */
    boolean contain(String token) {
        return refreshToken(token)
                .flatMap(parsed -> userSession(parsed).map(userSession -> contain(parsed, userSession)))
                .orElse(false);
    }

    /**
     * Returns whether a genuine refresh token of this session and client was invalidated, according to the database.
     */
    boolean contain(JsonWebToken token, UserSessionModel userSession, ClientModel client) {
        return !new Generations(session).isAlive(token, userSession, client)
                || !ClientSessionEpoch.isCurrent(token, userSession, client.getId());
    }

    private boolean contain(RefreshToken token, UserSessionModel userSession) {
        RealmModel realm = session.getContext().getRealm();
        ClientModel client = token.getIssuedFor() == null
                ? null
                : session.clients().getClientByClientId(realm, token.getIssuedFor());
        return client != null && userSession.getUser() != null && contain(token, userSession, client);
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

    /** Reads the type before the signature is checked, because callers also send tokens of other types. */
    private Optional<RefreshToken> refreshToken(String text) {
        return saysItIsARefreshToken(text)
                ? Optional.ofNullable(session.tokens().decode(text, RefreshToken.class))
                : Optional.empty();
    }

    private static boolean saysItIsARefreshToken(String text) {
        try {
            RefreshToken token = new JWSInput(text).readJsonContent(RefreshToken.class);
            return token != null && REFRESH_TOKENS.contains(token.getType());
        } catch (JWSInputException e) {
            return false;
        }
    }
}
