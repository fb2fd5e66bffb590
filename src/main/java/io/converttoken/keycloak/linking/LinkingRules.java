// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.linking;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import org.keycloak.broker.provider.IdpLinkAction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RequiredActionProviderModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.credential.PasswordCredentialModel;
import org.keycloak.organization.utils.Organizations;
import org.keycloak.utils.RequiredActionHelper;

/**
 * Decides which accounts may connect and disconnect identities, as {@code IdentityBrokerService.performAccountLinking}
 * and {@code LinkedAccountsResource} decide it (Keycloak 26.7.3).
 */
final class LinkingRules {

    private final KeycloakSession session;
    private final RealmModel realm;

    LinkingRules(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
    }

    /** @throws ConnectionRefusedException when no identity of this backend can be connected to the account */
    void requireMayConnect(UserModel user, Backend backend) {
        boolean isPerson = user.getServiceAccountClientLink() == null;
        if (!isPerson || !user.isEnabled() || backend.identityProvider().isTransientUsers()) {
            throw new ConnectionRefusedException(
                    Reason.of(ReasonCode.ACCOUNT_WITHOUT_IDENTITIES), "Identities cannot be connected to this account");
        }
        if (!Organizations.resolveHomeBroker(session, user).isEmpty()) {
            throw ConnectionRefusedException.boundToOrganization();
        }
        if (isLinkingSwitchedOff()) {
            throw new ConnectionRefusedException(
                    Reason.of(ReasonCode.LINKING_SWITCHED_OFF, IdpLinkAction.PROVIDER_ID),
                    "Identities cannot be connected in this realm");
        }
    }

    /**
     * Keycloak too links nothing for an application while the action is disabled
     * ({@code AuthenticationManager.executeAction}).
     */
    private boolean isLinkingSwitchedOff() {
        RequiredActionProviderModel action =
                RequiredActionHelper.getRequiredActionByProviderId(realm, IdpLinkAction.PROVIDER_ID);
        return action != null && !action.isEnabled();
    }

    /** @throws ConnectionRefusedException when the identity is an organization's, or the last way to sign in */
    void requireMayDisconnect(UserModel user, String alias) {
        boolean isBound = Organizations.resolveHomeBroker(session, user).stream()
                .anyMatch(broker -> broker.getAlias().equals(alias));
        if (isBound) {
            throw ConnectionRefusedException.boundToOrganization();
        }
        long identities =
                session.users().getFederatedIdentitiesStream(realm, user).count();
        boolean hasAnotherWay = identities > 1
                || user.isFederated()
                || user.credentialManager().isConfiguredFor(PasswordCredentialModel.TYPE);
        if (!hasAnotherWay) {
            throw new ConnectionRefusedException(
                    Reason.of(ReasonCode.LAST_WAY_TO_SIGN_IN),
                    "The identity is the only way to sign in to this account");
        }
    }
}
