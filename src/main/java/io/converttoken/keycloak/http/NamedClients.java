// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import java.util.Optional;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * Finds clients by the ids that callers name. The id found is compared, because some databases take different ids for
 * equal and find one by another.
 */
public final class NamedClients {

    private NamedClients() {}

    public static Optional<ClientModel> find(KeycloakSession session, RealmModel realm, String clientId) {
        return Optional.ofNullable(session.clients().getClientByClientId(realm, clientId))
                .filter(client -> client.getClientId().equals(clientId));
    }
}
