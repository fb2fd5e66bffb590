// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import java.util.Set;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserSessionModel;
import org.keycloak.representations.JsonWebToken;
import org.keycloak.util.TokenUtil;

/**
 * Calls invalidated refresh tokens inactive (RFC 7662, section 2.2), under whatever {@code token_type_hint} they come. Each of
 * Keycloak's introspection providers asks once it has verified the token, so that nothing that a forged token says of itself
 * is ever read.
 */
final class LivingRefreshTokens {

    private static final Set<String> TYPES = Set.of(TokenUtil.TOKEN_TYPE_REFRESH, TokenUtil.TOKEN_TYPE_OFFLINE);

    private final KeycloakSession session;

    LivingRefreshTokens(KeycloakSession session) {
        this.session = session;
    }

    /** Returns whether the token was not invalidated, which can only happen to refresh tokens. If it was, the event says so. */
    boolean admit(JsonWebToken verified, UserSessionModel userSession, ClientModel client, EventBuilder event) {
        boolean isRefreshToken = verified.getType() != null && TYPES.contains(verified.getType());
        if (!isRefreshToken || !new DeadRefreshTokens(session).contain(verified, userSession, client)) {
            return true;
        }
        event.detail(Details.REASON, "refresh token was invalidated").error(Errors.INVALID_TOKEN);
        return false;
    }
}
