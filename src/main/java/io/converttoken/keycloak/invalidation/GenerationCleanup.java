// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.internals.GenerationRows;
import org.keycloak.models.ClientModel.ClientRemovedEvent;
import org.keycloak.models.RealmModel.RealmRemovedEvent;
import org.keycloak.models.UserModel.UserRemovedEvent;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderEventListener;

/** Deletes generations in the transaction that deletes their user, client or realm. */
final class GenerationCleanup implements ProviderEventListener {

    @Override
    public void onEvent(ProviderEvent event) {
        if (event instanceof UserRemovedEvent removed) {
            GenerationRows.deleteOfUser(
                    removed.getKeycloakSession(),
                    removed.getRealm().getId(),
                    removed.getUser().getId());
        } else if (event instanceof ClientRemovedEvent removed) {
            GenerationRows.deleteOfClient(
                    removed.getKeycloakSession(),
                    removed.getClient().getRealm().getId(),
                    removed.getClient().getId());
        } else if (event instanceof RealmRemovedEvent removed) {
            GenerationRows.deleteOfRealm(
                    removed.getKeycloakSession(), removed.getRealm().getId());
        }
    }
}
