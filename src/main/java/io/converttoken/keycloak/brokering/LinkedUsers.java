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
 * Finds users by the identity that is linked to them, and compares what was found with what was asked for, code point by
 * code point. The collation of a database may take {@code bob} and {@code BOB}, {@code muller} and {@code müller}, or a text
 * with and without a trailing blank for equal; to the provider they are two people.
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
     * The user to whom the identity is linked.
     *
     * @throws LookalikeException when the database finds a user by another identity, which it takes for equal
     * @throws ModelException when the identity is linked to several users
     * @throws OvertakenException when the cache knows the user, and this transaction does not see the user or the link:
     *     another transaction has just made them
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
            // by which JpaUserProvider says that it has found several
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

    /** Whether the user is in the database as this transaction sees it, whatever the cache says. */
    private boolean isSeen(UserModel user) {
        return !StorageId.isLocalStorage(user.getId()) || IdentityRows.haveUser(session, user.getId());
    }

    /**
     * A user's link to an identity provider. For a moment after it is made the cache does not know it: {@code
     * UserCacheSession.addUser} (Keycloak 26.7.3) has put down that there is none, until the transaction has ended.
     */
    Optional<FederatedIdentityModel> link(UserModel user, String alias) {
        return Optional.ofNullable(session.users().getFederatedIdentity(realm, user, alias))
                .or(() -> Optional.ofNullable(
                        session.getProvider(UserProvider.class).getFederatedIdentity(realm, user, alias)));
    }
}
