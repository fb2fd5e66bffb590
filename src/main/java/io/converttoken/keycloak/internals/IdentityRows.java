// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import jakarta.persistence.TypedQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.KeycloakSession;

/** Linked identities and users as they are in the database, whatever the caches say. */
public final class IdentityRows {

    private static final String LINKED_TO = "select f.user.id, f.userId from FederatedIdentityEntity f"
            + " where f.realmId = :realm and f.identityProvider = :alias and f.userId = :id";

    private static final String NAMED = "select f.user.id, f.userName from FederatedIdentityEntity f"
            + " where f.realmId = :realm and f.identityProvider = :alias and lower(f.userName) = :name";

    private static final String WITH_TOKEN = "select f.user.id, f.token from FederatedIdentityEntity f"
            + " where f.realmId = :realm and f.identityProvider = :alias and f.token is not null"
            + " and f.user.id > :last order by f.user.id";

    private static final String LINKED = "select distinct f.userId from FederatedIdentityEntity f"
            + " where f.realmId = :realm and f.identityProvider = :alias and f.userId in :ids";

    private static final String TOKENS = "select f.userId, f.token from FederatedIdentityEntity f"
            + " where f.realmId = :realm and f.identityProvider = :alias and f.userId = :id";

    private static final String SEEN = "select count(u.id) from UserEntity u where u.id = :id";

    /** No address belongs to more people than this. */
    private static final int MOST = 100;

    private static final int PAGE = 500;

    /** Comes before every id. Oracle takes an empty text for none. */
    private static final String BEFORE_ALL = " ";

    private IdentityRows() {}

    /** Returns the ids of the users to whom this very identity is linked, compared code point by code point. */
    public static List<String> userIds(KeycloakSession session, FederatedIdentityModel identity) {
        return rows(session, LINKED_TO, identity.getIdentityProvider())
                .setParameter("id", identity.getUserId())
                .getResultList()
                .stream()
                .filter(row -> identity.getUserId().equals(row[1]))
                .map(row -> (String) row[0])
                .toList();
    }

    /** Returns the ids of the users with an identity of this name at the identity provider, in upper or lower case. */
    public static List<String> userIdsNamed(KeycloakSession session, String alias, String name) {
        return rows(session, NAMED, alias)
                .setParameter("name", name.toLowerCase(Locale.ROOT))
                .setMaxResults(MOST)
                .getResultList()
                .stream()
                .filter(row -> name.equalsIgnoreCase((String) row[1]))
                .map(row -> (String) row[0])
                .toList();
    }

    /**
     * Returns the ids of the users whose stored token of the identity provider is the one that is looked for. The rows are
     * read a page at a time, because some database drivers would keep the tokens of all people in memory.
     */
    public static List<String> userIdsWithToken(KeycloakSession session, String alias, Predicate<String> sought) {
        List<String> found = new ArrayList<>();
        List<Object[]> page;
        String last = BEFORE_ALL;
        do {
            page = rows(session, WITH_TOKEN, alias)
                    .setParameter("last", last)
                    .setMaxResults(PAGE)
                    .getResultList();
            for (Object[] row : page) {
                last = (String) row[0];
                if (sought.test((String) row[1])) {
                    found.add(last);
                }
            }
        } while (page.size() == PAGE);
        return found;
    }

    /** Returns what is stored of the provider's tokens where this very identity is linked, in Keycloak's own tables. */
    public static List<String> tokens(KeycloakSession session, String realmId, String alias, String id) {
        return Database.of(session)
                .createQuery(TOKENS, Object[].class)
                .setParameter("realm", realmId)
                .setParameter("alias", alias)
                .setParameter("id", id)
                .getResultList()
                .stream()
                .filter(row -> id.equals(row[0]))
                .map(row -> row[1] == null ? "" : (String) row[1])
                .toList();
    }

    /** Returns which of these ids at the identity provider are linked to users in Keycloak's own tables. */
    public static Set<String> linked(KeycloakSession session, String realmId, String alias, Set<String> ids) {
        return ids.isEmpty()
                ? Set.of()
                : Set.copyOf(Database.of(session)
                        .createQuery(LINKED, String.class)
                        .setParameter("realm", realmId)
                        .setParameter("alias", alias)
                        .setParameter("ids", ids)
                        .getResultList());
    }

    private static TypedQuery<Object[]> rows(KeycloakSession session, String query, String alias) {
        return Database.of(session)
                .createQuery(query, Object[].class)
                .setParameter("realm", session.getContext().getRealm().getId())
                .setParameter("alias", alias);
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
