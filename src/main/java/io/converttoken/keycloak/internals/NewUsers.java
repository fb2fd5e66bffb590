// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;

/** Users whom the session's own transaction creates. No other transaction can have stored anything about them. */
public final class NewUsers {

    private static final String PREFIX = "convert-token.new.";

    private NewUsers() {}

    /** Must be called as soon as the user is made, because a rollback does not remove the entry in a directory. */
    public static void add(KeycloakSession session, UserModel user) {
        session.setAttribute(PREFIX + user.getId(), true);
        DirectoryEntry.of(session, user).ifPresent(session.getTransactionManager()::enlistAfterCompletion);
    }

    public static boolean contain(KeycloakSession session, UserModel user) {
        return session.getAttribute(PREFIX + user.getId()) != null;
    }
}
