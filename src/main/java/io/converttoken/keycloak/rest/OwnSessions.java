// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.http.UnreadRequest;
import io.converttoken.keycloak.internals.SessionsOfUser;
import jakarta.ws.rs.core.Response;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.keycloak.events.Details;
import org.keycloak.events.EventType;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserSessionModel;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;

/** The sessions that a person has, for the page of an application that shows them as devices. */
final class OwnSessions {

    /** Of online sessions, and of offline sessions. */
    private static final int MAX = 100;

    private final KeycloakSession session;

    OwnSessions(KeycloakSession session) {
        this.session = session;
    }

    Response show() {
        UnreadRequest query = UnreadRequest.ofQuery(session.getContext().getHttpRequest());
        return new BearerCall(session, EventType.USER_INFO_REQUEST).show(query, (caller, request, event) -> {
            Optional<ClientModel> client = new OwnClients(session, caller).optional(request);
            return Map.of("sessions", sessions(caller, client));
        });
    }

    /** The newest first. */
    private List<Map<String, Object>> sessions(AuthResult caller, Optional<ClientModel> client) {
        return Stream.of(false, true)
                .flatMap(offline -> SessionsOfUser.recent(session, caller.user(), client, offline, MAX).stream())
                .filter(this::isValid)
                .flatMap(userSession -> userSession.getAuthenticatedClientSessions().values().stream())
                .filter(this::isValid)
                .filter(part -> client.isEmpty()
                        || client.get().getId().equals(part.getClient().getId()))
                .sorted(Comparator.comparing(AuthenticatedClientSessionModel::getTimestamp)
                        .reversed())
                .map(part -> described(part, caller))
                .toList();
    }

    /** One that has expired is kept until Keycloak deletes it. */
    private boolean isValid(UserSessionModel userSession) {
        return AuthenticationManager.isSessionValid(session.getContext().getRealm(), userSession);
    }

    private boolean isValid(AuthenticatedClientSessionModel part) {
        return AuthenticationManager.isClientSessionValid(
                session.getContext().getRealm(), part.getClient(), part.getUserSession(), part);
    }

    private static Map<String, Object> described(AuthenticatedClientSessionModel part, AuthResult caller) {
        UserSessionModel userSession = part.getUserSession();
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("id", userSession.getId());
        described.put("client_id", part.getClient().getClientId());
        described.put("started", part.getStarted());
        described.put("last_used", part.getTimestamp());
        described.put("ip_address", userSession.getIpAddress());
        Optional.ofNullable(userSession.getNote(Details.IDENTITY_PROVIDER))
                .ifPresent(alias -> described.put("backend", alias));
        described.put("offline", userSession.isOffline());
        described.put("current", isCurrent(part, caller));
        return described;
    }

    private static boolean isCurrent(AuthenticatedClientSessionModel part, AuthResult caller) {
        return part.getUserSession().getId().equals(caller.token().getSessionId())
                && part.getUserSession().isOffline() == caller.session().isOffline()
                && part.getClient().getId().equals(caller.client().getId());
    }
}
