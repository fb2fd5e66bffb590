// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.ClientSessionContext;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserSessionModel;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.representations.AccessToken;
import org.keycloak.representations.IDToken;

/** The {@code user} member of the answer: only what userinfo would tell this client under the granted scopes. */
final class GrantedProfile {

    private GrantedProfile() {}

    static Map<String, Object> of(
            KeycloakSession session,
            TokenManager tokens,
            UserSessionModel userSession,
            ClientSessionContext clientSession) {
        AccessToken userInfo =
                tokens.transformUserInfoAccessToken(session, new AccessToken(), userSession, clientSession);
        Map<String, Object> claims = tokens.generateUserInfoClaims(userInfo, userSession.getUser());
        Map<String, Object> profile = new LinkedHashMap<>();
        put(profile, "email", claims.get(IDToken.EMAIL));
        put(profile, "first_name", claims.get(IDToken.GIVEN_NAME));
        put(profile, "last_name", claims.get(IDToken.FAMILY_NAME));
        return profile;
    }

    private static void put(Map<String, Object> profile, String name, @Nullable Object value) {
        if (value != null) {
            profile.put(name, value);
        }
    }
}
