// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.util.Set;

/**
 * A user session as its rows show it, without loading it.
 *
 * @param id the id of the user session
 * @param clientIds the internal ids of its clients; not copied, because a user may have thousands of sessions
 */
public record StoredSession(String id, Set<String> clientIds) {

    /** Returns whether the client with this internal id has a part of the session. */
    boolean isOf(String clientId) {
        return clientIds.contains(clientId);
    }
}
