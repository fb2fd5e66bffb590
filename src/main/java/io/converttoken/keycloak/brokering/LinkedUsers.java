// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.internals.IdentityRows;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.keycloak.common.util.Time;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelException;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserProvider;
import org.keycloak.storage.StorageId;

/**
 * Finds users by the identity that is linked to them, and compares the identity that was found with the one that was
 * asked for, code point by code point. The collation of a database may treat {@code bob} and {@code BOB},
 * {@code muller} and {@code müller}, or a text with and without a trailing blank as equal, but to the provider they are
 * two people.
 */
public final class LinkedUsers {

    private static final Duration LONGER_THAN_A_REQUEST = Duration.ofMinutes(5);

    private final KeycloakSession session;
    private final RealmModel realm;

    public LinkedUsers(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
    }

    /**
     * Returns the user to whom the identity is linked.
     *
     * @throws LookalikeException when the database finds a user by another identity, which it treats as equal
     * @throws ModelException when the identity is linked to several users
     * @throws OvertakenException when the cache knows the user, but this transaction does not see the user or the link,
     *     because another transaction has just made them
     */
    public Optional<UserModel> find(FederatedIdentityModel identity) {
        Optional<UserModel> found = lookUp(identity);
        found.ifPresent(user -> requireLinkedTo(identity, user));
        return found;
    }

    private Optional<UserModel> lookUp(FederatedIdentityModel identity) {
        try {
            return Optional.ofNullable(session.users().getUserByFederatedIdentity(realm, identity));
        } catch (IllegalStateException e) {
            // JpaUserProvider throws this if it has found several users
            return Optional.of(onlyOneOf(identity));
        }
    }

    private UserModel onlyOneOf(FederatedIdentityModel identity) {
        List<String> userIds = IdentityRows.userIds(session, identity);
        if (userIds.isEmpty()) {
            throw new LookalikeException();
        }
        if (userIds.size() > 1) {
            throw new ModelException("identity is linked to several users");
        }
        return session.users().getUserById(realm, userIds.get(0));
    }

    private void requireLinkedTo(FederatedIdentityModel identity, UserModel user) {
        FederatedIdentityModel link = link(user, identity.getIdentityProvider()).orElseThrow(OvertakenException::new);
        if (!link.getUserId().equals(identity.getUserId())) {
            throw new LookalikeException();
        }
        if (isJustMade(user) && !isSeen(user)) {
            throw new OvertakenException();
        }
    }

    private static boolean isJustMade(UserModel user) {
        Long created = user.getCreatedTimestamp();
        return created != null && Time.currentTimeMillis() - created < LONGER_THAN_A_REQUEST.toMillis();
    }

    /** Returns whether this transaction sees the user in the database, whatever the cache says. */
    private boolean isSeen(UserModel user) {
        return !StorageId.isLocalStorage(user.getId()) || IdentityRows.haveUser(session, user.getId());
    }

    /**
     * Returns a user's link to an identity provider. The database is asked as well, because the cache does not know a
     * new link yet: {@code UserCacheSession.addUser} (Keycloak 26.7.3) has noted, until the transaction ends, that
     * there is none.
     */
    Optional<FederatedIdentityModel> link(UserModel user, String alias) {
        return Optional.ofNullable(session.users().getFederatedIdentity(realm, user, alias))
                .or(() -> Optional.ofNullable(
                        session.getProvider(UserProvider.class).getFederatedIdentity(realm, user, alias)));
    }
}
