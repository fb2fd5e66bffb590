package io.converttoken.keycloak.rest;

import org.keycloak.models.KeycloakSession;
import org.keycloak.services.resource.RealmResourceProvider;

final class AuthResourceProvider implements RealmResourceProvider {

    private final KeycloakSession session;

    AuthResourceProvider(KeycloakSession session) {
        this.session = session;
    }

    @Override
    public Object getResource() {
        return new AuthResource(session);
    }

    @Override
    public void close() {
        // nothing is held
    }
}
