// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.cluster.ClusterLock;
import io.converttoken.keycloak.verification.VerifiedIdentity;
import org.keycloak.models.KeycloakSession;

/**
 * Lets one caller at a time decide to which user an identity belongs. The database cannot ensure this: it lets one
 * identity be linked to several users (Keycloak 26.7.3: the key of {@code FEDERATED_IDENTITY} is provider and user),
 * and then nobody can sign in with that identity. Unique user names and e-mail addresses do not help, because two
 * tokens of one person may have different ones.
 */
public final class IdentityLocks {

    private IdentityLocks() {}

    /** The lock of an identity, on all nodes. */
    public static ClusterLock of(KeycloakSession session, VerifiedIdentity identity) {
        return new ClusterLock(
                session, "identity", identity.backend().identityProvider().getInternalId() + ":" + identity.subject());
    }
}
