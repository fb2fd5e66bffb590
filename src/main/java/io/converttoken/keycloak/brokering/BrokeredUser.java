// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import java.util.Map;
import org.keycloak.models.UserModel;

/**
 * The realm's user of a verified identity, who may sign in.
 *
 * @param user the user
 * @param isNew whether this call created the account
 * @param isLinked whether this call linked the identity to an account that existed
 * @param sessionNotes the notes that the identity provider's flows leave for the user session
 */
public record BrokeredUser(UserModel user, boolean isNew, boolean isLinked, Map<String, String> sessionNotes) {

    public BrokeredUser {
        sessionNotes = Map.copyOf(sessionNotes);
    }
}
