// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import org.keycloak.models.KeycloakSession;
import org.keycloak.models.LDAPConstants;
import org.keycloak.models.RealmModel;

/** The user storages of a realm, such as directories. They have no transactions that could be rolled back. */
public final class UserStorages {

    /** The type of the components that are user storages. */
    static final String TYPE = "org.keycloak.storage.UserStorageProvider";

    private UserStorages() {}

    /** Returns whether a user storage may keep new users, as an LDAP directory does with <em>Sync registrations</em>. */
    public static boolean mayKeepNewUsers(KeycloakSession session) {
        RealmModel realm = session.getContext().getRealm();
        return realm.getComponentsStream(realm.getId(), TYPE)
                .filter(storage -> storage.get("enabled", true))
                .anyMatch(storage -> !storage.getProviderId().equals(LDAPConstants.LDAP_PROVIDER)
                        || storage.get(LDAPConstants.SYNC_REGISTRATIONS, false));
    }
}
