// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.NamedClients;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.refusal.CallRefusedException;
import java.util.Optional;
import org.keycloak.models.AccountRoles;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;

/**
 * Which clients a bearer token may see and end sessions of: always its own client, and with {@code manage-account}, the right
 * that the account console asks for, every client.
 */
final class OwnClients {

    private static final String PARAMETER = "client_id";
    private static final int MAX_NAME_LENGTH = 255;

    private final KeycloakSession session;
    private final AuthResult caller;

    OwnClients(KeycloakSession session, AuthResult caller) {
        this.session = session;
        this.caller = caller;
    }

    /**
     * The client that is named in the request, or, where none is, nothing for a token that may act on all clients, and the client
     * of any other token.
     *
     * @throws InvalidParameterException when it is unknown
     * @throws CallRefusedException when it is another client and the token may act on its own alone
     */
    Optional<ClientModel> optional(FormRequest request) {
        Optional<String> clientId = Parameter.optional(request, PARAMETER, MAX_NAME_LENGTH);
        if (clientId.isPresent()) {
            return clientId.map(this::named);
        }
        return managesAccount() ? Optional.empty() : Optional.of(caller.client());
    }

    /**
     * Returns the client of this id.
     *
     * @throws InvalidParameterException when it is unknown
     * @throws CallRefusedException when it is another client and the token may act on its own alone
     */
    ClientModel named(String clientId) {
        if (!clientId.equals(caller.client().getClientId()) && !managesAccount()) {
            throw CallRefusedException.insufficientScope();
        }
        return NamedClients.find(session, session.getContext().getRealm(), clientId)
                .orElseThrow(() -> new InvalidParameterException(ReasonCode.CLIENT_UNKNOWN, "Unknown client"));
    }

    private boolean managesAccount() {
        return new AccountRights(session).include(caller, AccountRoles.MANAGE_ACCOUNT);
    }
}
