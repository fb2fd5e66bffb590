// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.LDAPConstants;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.storage.StorageId;

/**
 * The entry of a new user in a user storage, such as a directory. User storages have no transactions
 * ({@code LDAPStorageProvider.addUser}, Keycloak 26.7.3). If the transaction that made the user is rolled back, the
 * entry is removed here, because it would block the same person for good.
 */
final class DirectoryEntry extends AbstractKeycloakTransaction {

    private static final Logger LOGGER = Logger.getLogger(DirectoryEntry.class);

    private final KeycloakSession session;
    private final UserModel user;

    private DirectoryEntry(KeycloakSession session, UserModel user) {
        this.session = session;
        this.user = user;
    }

    /** Returns nothing for a user whom Keycloak keeps itself. */
    static Optional<DirectoryEntry> of(KeycloakSession session, UserModel user) {
        boolean isStoredElsewhere = user.getFederationLink() != null || !StorageId.isLocalStorage(user.getId());
        return isStoredElsewhere ? Optional.of(new DirectoryEntry(session, user)) : Optional.empty();
    }

    @Override
    protected void commitImpl() {
        // the user stays, and so does the entry
    }

    @Override
    protected void rollbackImpl() {
        String realmId = session.getContext().getRealm().getId();
        try {
            KeycloakModelUtils.runJobInTransaction(session.getKeycloakSessionFactory(), own -> remove(own, realmId));
        } catch (RuntimeException e) {
            LOGGER.errorf(
                    "The entry of a user who was refused is left in user storage '%s': %s",
                    storage(user), e.getClass().getName());
        }
    }

    private void remove(KeycloakSession own, String realmId) {
        RealmModel realm = own.realms().getRealm(realmId);
        own.getContext().setRealm(realm);
        Optional.ofNullable(own.users().getUserByUsername(realm, user.getUsername()))
                .filter(this::isTheSame)
                .ifPresent(left -> own.users().removeUser(realm, left));
    }

    /**
     * Returns whether this is the entry to remove. Its user may have another id, because the copy that Keycloak kept
     * was rolled back. If the directory has an id of its own, the name is not enough, because somebody else may have
     * made an entry of that name meanwhile.
     */
    private boolean isTheSame(UserModel left) {
        Optional<String> entry = Optional.ofNullable(user.getFirstAttribute(LDAPConstants.LDAP_ID));
        Optional<String> entryLeft = Optional.ofNullable(left.getFirstAttribute(LDAPConstants.LDAP_ID));
        boolean isOfLdap = entry.isPresent() || entryLeft.isPresent();
        return storage(user).equals(storage(left))
                && (isOfLdap
                        ? entry.isPresent() && entry.equals(entryLeft)
                        : left.getId().equals(user.getId()));
    }

    private static String storage(UserModel user) {
        return Optional.ofNullable(user.getFederationLink())
                .or(() -> Optional.ofNullable(StorageId.providerId(user.getId())))
                .orElse("");
    }
}
