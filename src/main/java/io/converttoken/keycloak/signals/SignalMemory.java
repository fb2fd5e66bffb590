// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import org.keycloak.models.RealmModel;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderEventListener;

/** Deletes what is remembered of signals in the transaction that deletes their identity provider or realm. */
public final class SignalMemory implements ProviderEventListener {

    @Override
    public void onEvent(ProviderEvent event) {
        if (event instanceof RealmModel.RealmRemovedEvent removed) {
            AccountStates.forgetRealm(
                    removed.getKeycloakSession(), removed.getRealm().getId());
            Deletion.forgetRealm(
                    removed.getKeycloakSession(), removed.getRealm().getId());
        } else if (event instanceof RealmModel.IdentityProviderRemovedEvent removed) {
            String realmId = removed.getRealm().getId();
            String identityProvider = removed.getRemovedIdentityProvider().getInternalId();
            AccountStates.forgetIdentityProvider(removed.getKeycloakSession(), realmId, identityProvider);
            Deletion.forgetIdentityProvider(removed.getKeycloakSession(), realmId, identityProvider);
        }
    }
}
