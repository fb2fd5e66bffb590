// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.util.Set;

/**
 * A user session by what its rows say, without loading it.
 *
 * @param id of the user session
 * @param clientIds internal ids of the clients that it has a part of; not copied, for a user may have thousands
 */
public record StoredSession(String id, Set<String> clientIds) {

    /** Whether the client with this internal id has a part of it. */
    boolean isOf(String clientId) {
        return clientIds.contains(clientId);
    }
}
