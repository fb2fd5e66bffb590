// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.ShownInServerInfo;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.clientpolicy.ClientPolicyManager;
import org.keycloak.services.clientpolicy.DefaultClientPolicyManagerFactory;

/** Replaces Keycloak's manager of client policies, under the same id. */
public final class EndedSessionsPolicyManagerFactory extends DefaultClientPolicyManagerFactory
        implements ShownInServerInfo {

    @Override
    public ClientPolicyManager create(KeycloakSession session) {
        return new EndedSessionsPolicyManager(session);
    }

    @Override
    public int order() {
        return 1;
    }
}
