// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.backend.ApplePrivateKey;
import io.converttoken.keycloak.internals.ServerRows;
import java.util.List;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderEventListener;

/** Deletes what is remembered of signals in the transaction that deletes their identity provider or realm. */
public final class SignalMemory implements ProviderEventListener {

    private static final List<String> KINDS = List.of(AccountStates.KIND, Deletion.KIND, ApplePrivateKey.KIND);

    @Override
    public void onEvent(ProviderEvent event) {
        if (event instanceof RealmModel.RealmRemovedEvent removed) {
            forget(removed.getKeycloakSession(), removed.getRealm());
        } else if (event instanceof RealmModel.IdentityProviderRemovedEvent removed) {
            forget(
                    removed.getKeycloakSession(),
                    removed.getRealm(),
                    removed.getRemovedIdentityProvider().getInternalId());
        }
    }

    /** @param names the identity provider's internal id, or nothing for all of the realm */
    private static void forget(KeycloakSession session, RealmModel realm, String... names) {
        KINDS.forEach(kind -> ServerRows.deleteAll(session, ServerRows.Key.of(kind, realm.getId(), names)));
    }
}
