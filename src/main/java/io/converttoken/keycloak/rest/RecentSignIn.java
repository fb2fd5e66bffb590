// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.refusal.CallRefusedException;
import io.converttoken.keycloak.signin.SignInTime;
import java.util.Optional;
import org.keycloak.broker.provider.IdpLinkAction;
import org.keycloak.common.util.Time;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;
import org.keycloak.utils.RequiredActionHelper;

/**
 * Requires the sign-in that Keycloak asks for before it links an identity to an account. The sign-in must be no older
 * than {@code max_auth_age} of the realm's required action {@code idp_link}
 * ({@code OIDCLoginProtocol.isReAuthRequiredForKcAction}, Keycloak 26.7.3).
 */
final class RecentSignIn {

    private final RealmModel realm;

    RecentSignIn(KeycloakSession session) {
        this.realm = session.getContext().getRealm();
    }

    /** @throws CallRefusedException when the caller's token proves no such sign-in */
    void require(AuthResult caller) {
        long maxAge = maxAge();
        if (!SignInTime.of(caller.token(), caller.session()).isWithin(maxAge, Time.currentTime())) {
            throw CallRefusedException.outdatedSignIn(maxAge);
        }
    }

    /** Returns the age, in seconds, that {@code RequiredActionProvider.getMaxAuthAge} uses in a browser. */
    private long maxAge() {
        return Optional.ofNullable(RequiredActionHelper.getRequiredActionByProviderId(realm, IdpLinkAction.PROVIDER_ID))
                .map(action -> realm.getRequiredActionConfigByAlias(action.getAlias()))
                .map(config -> config.getConfigValue(Constants.MAX_AUTH_AGE_KEY))
                .map(RecentSignIn::parse)
                .filter(maxAge -> maxAge >= 0)
                .orElse((long) Constants.KC_ACTION_MAX_AGE);
    }

    /** A text that is no number, which an import may leave, allows nothing. */
    private static long parse(String maxAge) {
        try {
            return Integer.parseInt(maxAge);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
