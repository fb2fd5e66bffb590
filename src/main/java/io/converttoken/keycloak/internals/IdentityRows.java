// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.util.List;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.KeycloakSession;

/** Linked identities and users as they are in the database, whatever the caches say. */
public final class IdentityRows {

    private static final String LINKED_TO = "select f.user.id, f.userId from FederatedIdentityEntity f"
            + " where f.realmId = :realm and f.identityProvider = :alias and f.userId = :id";

    private static final String SEEN = "select count(u.id) from UserEntity u where u.id = :id";

    private IdentityRows() {}

    /** Returns the ids of the users to whom this very identity is linked, compared code point by code point. */
    public static List<String> userIds(KeycloakSession session, FederatedIdentityModel identity) {
        return Database.of(session)
                .createQuery(LINKED_TO, Object[].class)
                .setParameter("realm", session.getContext().getRealm().getId())
                .setParameter("alias", identity.getIdentityProvider())
                .setParameter("id", identity.getUserId())
                .getResultList()
                .stream()
                .filter(row -> identity.getUserId().equals(row[1]))
                .map(row -> (String) row[0])
                .toList();
    }

    /** Returns whether the session's transaction sees a user in Keycloak's own tables. */
    public static boolean haveUser(KeycloakSession session, String userId) {
        return Database.of(session)
                        .createQuery(SEEN, Long.class)
                        .setParameter("id", userId)
                        .getSingleResult()
                > 0;
    }
}
