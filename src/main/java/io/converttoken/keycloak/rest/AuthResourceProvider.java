// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.docs.ApiDocs;
import java.util.Optional;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.resource.RealmResourceProvider;

final class AuthResourceProvider implements RealmResourceProvider {

    private final KeycloakSession session;
    private final Optional<ApiDocs> docs;

    AuthResourceProvider(KeycloakSession session, Optional<ApiDocs> docs) {
        this.session = session;
        this.docs = docs;
    }

    @Override
    public Object getResource() {
        return new AuthResource(session, docs);
    }

    @Override
    public void close() {
        // nothing is held
    }
}
