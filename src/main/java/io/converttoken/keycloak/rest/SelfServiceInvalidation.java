// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.NamedClients;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.http.UnreadRequest;
import io.converttoken.keycloak.invalidation.Invalidation;
import io.converttoken.keycloak.metrics.Meters.By;
import io.converttoken.keycloak.metrics.Meters.Invalidated;
import io.converttoken.keycloak.metrics.NodeMeters;
import io.converttoken.keycloak.refusal.CallRefusedException;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.function.Consumer;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.AccountRoles;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;

/**
 * Lets a person end their own sessions or refresh tokens in an application. A token may always act on its own client.
 * For another client it needs {@code manage-account}, the right that the account console asks for.
 */
final class SelfServiceInvalidation {

    private static final int MAX_NAME_LENGTH = 255;

    private final KeycloakSession session;

    SelfServiceInvalidation(KeycloakSession session) {
        this.session = session;
    }

    Response invalidateSessions(UnreadRequest request) {
        return answer(request, Invalidated.SESSIONS, Invalidation::invalidateSessions);
    }

    Response invalidateRefreshTokens(UnreadRequest request) {
        return answer(request, Invalidated.REFRESH_TOKENS, Invalidation::invalidateRefreshTokens);
    }

    private Response answer(UnreadRequest unread, Invalidated what, Consumer<Invalidation> action) {
        return new BearerCall(session, EventType.REVOKE_GRANT)
                .answer(unread, Response.Status.NO_CONTENT, (caller, request, event) -> {
                    action.accept(invalidation(caller, request, event));
                    NodeMeters.of(session).of(session.getContext().getRealm()).invalidation(what, By.SELF);
                });
    }

    private Invalidation invalidation(AuthResult caller, FormRequest request, EventBuilder event) {
        String clientId = Parameter.required(request, "client_id", MAX_NAME_LENGTH);
        boolean exceptCurrent = Parameter.flag(request, "except_current");
        event.detail(Details.REVOKED_CLIENT, clientId);
        boolean isOwn = clientId.equals(caller.client().getClientId());
        if (!isOwn && !new AccountRights(session).include(caller, AccountRoles.MANAGE_ACCOUNT)) {
            throw CallRefusedException.insufficientScope();
        }
        Optional<ClientModel> client =
                NamedClients.find(session, session.getContext().getRealm(), clientId);
        if (client.isEmpty()) {
            throw new InvalidParameterException("Unknown client");
        }
        Optional<String> spared = exceptCurrent ? Optional.of(currentSession(caller)) : Optional.empty();
        return new Invalidation(session, caller.user(), client, spared);
    }

    /** Refuses a token without a session, because the session that Keycloak makes for this request cannot be spared. */
    private static String currentSession(AuthResult caller) {
        return Optional.ofNullable(caller.token().getSessionId())
                .orElseThrow(() -> new InvalidParameterException("except_current needs a token of a session"));
    }
}
