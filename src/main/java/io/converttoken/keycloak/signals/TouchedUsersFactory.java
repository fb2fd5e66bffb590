// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.ShownInServerInfo;
import org.keycloak.Config;
import org.keycloak.events.EventListenerProvider;
import org.keycloak.events.EventListenerProviderFactory;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;

/** Makes {@link TouchedUsers} hear of all realms. */
public final class TouchedUsersFactory implements EventListenerProviderFactory, ShownInServerInfo {

    @Override
    public EventListenerProvider create(KeycloakSession session) {
        return new TouchedUsers(session);
    }

    @Override
    public boolean isGlobal() {
        return true;
    }

    @Override
    public String getId() {
        return "convert-token-signals";
    }

    @Override
    public void init(Config.Scope config) {
        // no options
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        factory.register(new SignalMemory());
    }

    @Override
    public void close() {
        // nothing to stop
    }
}
