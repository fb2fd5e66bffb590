// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.ShownInServerInfo;
import org.keycloak.Config;
import org.keycloak.events.EventListenerProvider;
import org.keycloak.events.EventListenerProviderFactory;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;

/** Registers the check of mappers when they are saved, for every realm, without any setting. */
public final class MapperGuardFactory implements EventListenerProviderFactory, ShownInServerInfo {

    @Override
    public String getId() {
        return "convert-token-mapper";
    }

    @Override
    public boolean isGlobal() {
        return true;
    }

    @Override
    public EventListenerProvider create(KeycloakSession session) {
        return new MapperGuard(session);
    }

    @Override
    public void init(Config.Scope config) {
        // nothing to configure
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        // nothing to start
    }

    @Override
    public void close() {
        // nothing to stop
    }
}
