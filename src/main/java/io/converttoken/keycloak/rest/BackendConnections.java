// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.http.UnreadRequest;
import io.converttoken.keycloak.linking.Connection;
import io.converttoken.keycloak.linking.IdentityConnector;
import io.converttoken.keycloak.linking.IdentityDisconnector;
import io.converttoken.keycloak.refusal.CallRefusedException;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.keycloak.events.EventType;
import org.keycloak.models.AccountRoles;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;

/**
 * Self-service for the identities of an account. It needs the rights that the account console asks for:
 * {@code manage-account} or {@code manage-account-links}. Connecting needs a recent sign-in as well, because it opens a
 * way into the account.
 */
final class BackendConnections {

    private static final int MAX_NAME_LENGTH = 255;

    private final KeycloakSession session;

    BackendConnections(KeycloakSession session) {
        this.session = session;
    }

    Response connect(UnreadRequest unread) {
        return answer(unread, EventType.FEDERATED_IDENTITY_LINK, (caller, request, event) -> {
            new RecentSignIn(session).require(caller);
            new IdentityConnector(session, event).connect(caller.user(), caller.client(), Connection.from(request));
        });
    }

    Response disconnect(UnreadRequest unread) {
        return answer(unread, EventType.REMOVE_FEDERATED_IDENTITY, (caller, request, event) -> {
            String backend = Parameter.required(request, "backend", MAX_NAME_LENGTH);
            Optional<String> associationId = Parameter.optional(request, "association_id", MAX_NAME_LENGTH);
            new IdentityDisconnector(session).disconnect(caller.user(), backend, associationId, event);
        });
    }

    private Response answer(UnreadRequest unread, EventType type, BearerCall.Action action) {
        return new BearerCall(session, type).answer(unread, Response.Status.NO_CONTENT, (caller, request, event) -> {
            requireMayManageIdentities(caller);
            action.run(caller, request, event);
        });
    }

    private void requireMayManageIdentities(AuthResult caller) {
        if (!new AccountRights(session)
                .include(caller, AccountRoles.MANAGE_ACCOUNT, AccountRoles.MANAGE_ACCOUNT_LINKS)) {
            throw CallRefusedException.insufficientScope();
        }
    }
}
