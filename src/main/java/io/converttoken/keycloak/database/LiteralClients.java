package io.converttoken.keycloak.database;

import java.util.Optional;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/** Clients by their very id: some databases take ids for equal that are not, and find one by another. */
public final class LiteralClients {

    private LiteralClients() {}

    public static Optional<ClientModel> find(KeycloakSession session, RealmModel realm, String clientId) {
        return Optional.ofNullable(session.clients().getClientByClientId(realm, clientId))
                .filter(client -> client.getClientId().equals(clientId));
    }
}
