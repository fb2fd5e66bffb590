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
 * Makes introspection call invalidated refresh tokens inactive (RFC 7662, section 2.2), whatever their
 * {@code token_type_hint} is. Keycloak's introspection providers ask only after they have verified the token, so that
 * no claim of a forged token is read.
 */
final class LivingRefreshTokens {

    private static final Set<String> TYPES = Set.of(TokenUtil.TOKEN_TYPE_REFRESH, TokenUtil.TOKEN_TYPE_OFFLINE);

    private final KeycloakSession session;

    LivingRefreshTokens(KeycloakSession session) {
        this.session = session;
    }

    /** Returns whether the token is still valid; only refresh tokens can be invalidated. If not, the event says so. */
    boolean admit(JsonWebToken verified, UserSessionModel userSession, ClientModel client, EventBuilder event) {
        boolean isRefreshToken = verified.getType() != null && TYPES.contains(verified.getType());
        if (!isRefreshToken || !new DeadRefreshTokens(session).contain(verified, userSession, client)) {
            return true;
        }
        event.detail(Details.REASON, "refresh token was invalidated").error(Errors.INVALID_TOKEN);
        return false;
    }
}
