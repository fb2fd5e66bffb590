// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import java.util.Optional;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/** Clients that callers name, by their very id: some databases take ids for equal that are not, and find one by another. */
public final class NamedClients {

    private NamedClients() {}

    public static Optional<ClientModel> find(KeycloakSession session, RealmModel realm, String clientId) {
        return Optional.ofNullable(session.clients().getClientByClientId(realm, clientId))
                .filter(client -> client.getClientId().equals(clientId));
    }
}
