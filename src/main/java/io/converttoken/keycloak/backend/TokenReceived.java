// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.provider.ProviderEvent;

/**
 * Tells within Keycloak that a backend's provider has given a token that is being stored. {@code toString} does not show
 * it.
 *
 * @param identity the identity with the token response; it may not be linked to a user yet
 */
public record TokenReceived(
        KeycloakSession session,
        RealmModel realm,
        IdentityProviderModel identityProvider,
        FederatedIdentityModel identity)
        implements ProviderEvent {

    @Override
    public String toString() {
        return "TokenReceived[" + identityProvider.getAlias() + "]";
    }
}
