// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import java.util.Optional;
import org.keycloak.events.Event;
import org.keycloak.events.EventListenerProvider;
import org.keycloak.events.admin.AdminEvent;
import org.keycloak.events.admin.OperationType;
import org.keycloak.events.admin.ResourceType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * Notices that an administrator changes a user whom a signal has disabled, so that the provider's signal that the
 * account is enabled does not undo what the administrator wants.
 */
final class TouchedUsers implements EventListenerProvider {

    private static final String USERS = "users/";

    private final KeycloakSession session;

    TouchedUsers(KeycloakSession session) {
        this.session = session;
    }

    @Override
    public void onEvent(Event event) {
        // people do not enable themselves
    }

    @Override
    public void onEvent(AdminEvent event, boolean includeRepresentation) {
        if (event.getResourceType() != ResourceType.USER || event.getOperationType() != OperationType.UPDATE) {
            return;
        }
        RealmModel realm = session.realms().getRealm(event.getRealmId());
        Optional.of(event.getResourcePath())
                .filter(path -> path.startsWith(USERS))
                .map(path -> session.users().getUserById(realm, path.substring(USERS.length())))
                .ifPresent(user -> new AccountStates(session, realm).touched(user));
    }

    @Override
    public void close() {
        // holds nothing
    }
}
