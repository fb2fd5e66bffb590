// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.cluster.ClusterLock;
import io.converttoken.keycloak.verification.VerifiedIdentity;
import org.keycloak.models.KeycloakSession;

/**
 * One caller at a time decides whose an identity is. The database does not: one identity may be linked to several users
 * (Keycloak 26.7.3: the key of {@code FEDERATED_IDENTITY} is provider and user), after which nobody can sign in with it,
 * and user name and e-mail address need not be the same in two tokens of one person.
 */
public final class IdentityLocks {

    private IdentityLocks() {}

    /** The lock of an identity, on all nodes. */
    public static ClusterLock of(KeycloakSession session, VerifiedIdentity identity) {
        return new ClusterLock(
                session, "identity", identity.backend().identityProvider().getInternalId() + ":" + identity.subject());
    }
}
