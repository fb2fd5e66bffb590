// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.revocation;

import io.converttoken.keycloak.ShownInServerInfo;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.keycloak.Config;
import org.keycloak.events.Event;
import org.keycloak.events.EventListenerProvider;
import org.keycloak.events.EventListenerProviderFactory;
import org.keycloak.events.admin.AdminEvent;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.utils.PostMigrationEvent;

/**
 * Starts with the server what revokes at the providers. It listens to no realm's events. Its options are
 * {@code --spi-events-listener--convert-token-revocation--...}.
 */
public final class RevocationsFactory implements EventListenerProviderFactory, ShownInServerInfo {

    private @Nullable RevocationOptions options;
    private @Nullable Worker worker;

    @Override
    public EventListenerProvider create(KeycloakSession session) {
        return new NoListener();
    }

    @Override
    public String getId() {
        return "convert-token-revocation";
    }

    @Override
    public void init(Config.Scope config) {
        options = RevocationOptions.from(config);
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        Worker made = new Worker(factory, Objects.requireNonNull(options, "not initialised"));
        worker = made;
        factory.register(new RemovedIdentities(made::wake));
        factory.register(event -> {
            if (event instanceof PostMigrationEvent) {
                made.start();
            }
        });
    }

    @Override
    public void close() {
        if (worker != null) {
            worker.close();
        }
    }

    private static final class NoListener implements EventListenerProvider {

        @Override
        public void onEvent(Event event) {
            // realms' events are not needed
        }

        @Override
        public void onEvent(AdminEvent event, boolean includeRepresentation) {
            // they are not needed either
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
