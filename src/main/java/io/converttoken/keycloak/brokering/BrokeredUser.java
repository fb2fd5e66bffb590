// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import java.util.Map;
import org.keycloak.models.UserModel;

/**
 * The realm's user behind a verified identity, free to sign in.
 *
 * @param user the user
 * @param isNew whether this call created the account
 * @param sessionNotes what the identity provider's flows want to be noted on the user session
 */
public record BrokeredUser(UserModel user, boolean isNew, Map<String, String> sessionNotes) {

    public BrokeredUser {
        sessionNotes = Map.copyOf(sessionNotes);
    }
}
