// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import org.keycloak.models.KeycloakSession;

/** The admin events that Keycloak keeps in its own database ({@code AdminEventEntity}, Keycloak 26.7.3). */
public final class StoredAdminEvents {

    private static final String REPLACE = "update AdminEventEntity e set e.representation = :text"
            + " where e.id = :id and e.representation is not null";

    private StoredAdminEvents() {}

    /** Replaces the representation of an event, if the realm keeps representations. */
    public static void replaceRepresentation(KeycloakSession session, String eventId, String text) {
        Database.of(session)
                .createQuery(REPLACE)
                .setParameter("id", eventId)
                .setParameter("text", text)
                .executeUpdate();
    }
}
