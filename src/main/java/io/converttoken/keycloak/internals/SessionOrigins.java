// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.Details;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;

/**
 * When the sessions of a user began, and through which identity provider they came. All of it is read by one query and
 * without loading the sessions, because a user may have thousands.
 */
public final class SessionOrigins {

    private static final Logger LOGGER = Logger.getLogger(SessionOrigins.class);

    private static final String OF_USER =
            "select s.userSessionId, s.offline, s.createdOn, s.brokerSessionId, s.data from PersistentUserSessionEntity s"
                    + " where s.userId = :user and s.realmId = :realm";
    private static final String USERS = "select distinct s.userId from PersistentUserSessionEntity s"
            + " where s.brokerSessionId = :session and s.realmId = :realm";
    private static final String NOTES = "notes";

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private SessionOrigins() {}

    /**
     * Where a session comes from. An online session and the offline session that grew out of it have the same id.
     *
     * @param sessionId the id of the user session
     * @param began when it began, in seconds since 1970
     * @param alias the alias of the identity provider through which the person came, if it was one
     * @param upstreamSession what Keycloak stores as the id of the session at the identity provider: the alias, a dot
     *     and the id
     */
    public record Origin(String sessionId, long began, Optional<String> alias, Optional<String> upstreamSession) {}

    /** Returns the origins of all sessions of a user, online and offline. */
    public static List<Origin> of(KeycloakSession session, UserModel user) {
        RealmModel realm = session.getContext().getRealm();
        if (!SessionRows.areInUse(session)) {
            return Stream.concat(
                            session.sessions().getUserSessionsStream(realm, user),
                            session.sessions().getOfflineUserSessionsStream(realm, user))
                    .map(SessionOrigins::origin)
                    .toList();
        }
        return Database.of(session)
                .createQuery(OF_USER, Object[].class)
                .setParameter("user", user.getId())
                .setParameter("realm", realm.getId())
                .getResultList()
                .stream()
                .map(row -> origin(session, row))
                .toList();
    }

    /**
     * Returns the ids of the users who came from a session at the identity provider.
     *
     * @param upstreamSession as {@link Origin} has it
     */
    public static List<String> usersFrom(KeycloakSession session, String upstreamSession) {
        RealmModel realm = session.getContext().getRealm();
        if (!SessionRows.areInUse(session)) {
            return Optional.ofNullable(session.sessions().getUserSessionByBrokerSessionId(realm, upstreamSession))
                    .map(found -> found.getUser().getId())
                    .stream()
                    .toList();
        }
        return Database.of(session)
                .createQuery(USERS, String.class)
                .setParameter("session", upstreamSession)
                .setParameter("realm", realm.getId())
                .getResultList();
    }

    private static Origin origin(UserSessionModel userSession) {
        return new Origin(
                userSession.getId(),
                userSession.getStarted(),
                Optional.ofNullable(userSession.getNote(Details.IDENTITY_PROVIDER)),
                Optional.ofNullable(userSession.getBrokerSessionId()));
    }

    private static Origin origin(KeycloakSession session, Object[] row) {
        String id = (String) row[0];
        return new Origin(
                id,
                ((Number) row[2]).longValue(),
                alias(session, id, "1".equals(row[1]), (String) row[4]),
                Optional.ofNullable((String) row[3]));
    }

    private static Optional<String> alias(
            KeycloakSession session, String sessionId, boolean isOffline, @Nullable String data) {
        try {
            return data == null ? Optional.empty() : alias(data);
        } catch (IOException e) {
            LOGGER.debugf(
                    "Session is loaded, because its row cannot be read: %s",
                    e.getClass().getName());
            return Optional.ofNullable(SessionRows.find(session, sessionId, isOffline))
                    .map(userSession -> userSession.getNote(Details.IDENTITY_PROVIDER));
        }
    }

    /** Reads a note of the session, as {@code PersistentUserSessionAdapter} (Keycloak 26.7.3) has written it. */
    private static Optional<String> alias(String data) throws IOException {
        try (JsonParser json = JSON.createParser(data)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean areNotes = json.currentName().equals(NOTES);
                if (json.nextToken() == JsonToken.START_OBJECT && areNotes) {
                    return note(json);
                }
                json.skipChildren();
            }
            return Optional.empty();
        }
    }

    private static Optional<String> note(JsonParser json) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean isSought = json.currentName().equals(Details.IDENTITY_PROVIDER);
            json.nextToken();
            if (isSought) {
                return Optional.ofNullable(json.getValueAsString());
            }
            json.skipChildren();
        }
        return Optional.empty();
    }
}
