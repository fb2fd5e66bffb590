// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import java.util.Arrays;
import org.keycloak.models.ClientModel;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.AccessTokenIntrospectionProvider;
import org.keycloak.protocol.oidc.AccessTokenIntrospectionProviderFactory;
import org.keycloak.protocol.oidc.TokenIntrospectionProvider;
import org.keycloak.representations.AccessToken;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;

/**
 * Decides what a bearer token may do to its user's account, as Keycloak's account API does
 * ({@code AccountLoader.getAccountRestService}, Keycloak 26.7.3). The token must be meant for the client
 * {@code account}, carry its role, and belong to a person.
 */
final class AccountRights {

    private static final String ACCOUNT = Constants.ACCOUNT_MANAGEMENT_CLIENT_ID;

    private final KeycloakSession session;

    AccountRights(KeycloakSession session) {
        this.session = session;
    }

    /** Returns whether one of these roles of the client {@code account} is among the caller's rights. */
    boolean include(AuthResult caller, String... roles) {
        boolean isPerson = caller.user().getServiceAccountClientLink() == null;
        return isPerson && isAccountEnabled() && grants(claims(caller), roles);
    }

    private boolean isAccountEnabled() {
        ClientModel account = session.getContext().getRealm().getClientByClientId(ACCOUNT);
        return account != null && account.isEnabled();
    }

    private static boolean grants(AccessToken token, String... roles) {
        AccessToken.Access access = token.getResourceAccess(ACCOUNT);
        return token.hasAudience(ACCOUNT)
                && access != null
                && Arrays.stream(roles).anyMatch(access::isUserInRole);
    }

    /** A token that does not carry these claims, such as a lightweight one, gets them by introspection. */
    private AccessToken claims(AuthResult caller) {
        AccessToken token = caller.token();
        boolean carriesThem = token.getAudience() != null && token.getResourceAccess(ACCOUNT) != null;
        return carriesThem ? token : introspected(caller);
    }

    private AccessToken introspected(AuthResult caller) {
        TokenIntrospectionProvider provider = session.getProvider(
                TokenIntrospectionProvider.class, AccessTokenIntrospectionProviderFactory.ACCESS_TOKEN_TYPE);
        return provider instanceof AccessTokenIntrospectionProvider<?> keycloaks
                ? keycloaks.transformAccessToken(caller.token(), caller.session())
                : caller.token();
    }
}
