// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.foreign;

import org.keycloak.services.clientpolicy.DefaultClientPolicyManagerFactory;

/** Client policies as Keycloak's, and comes before all. */
public final class ForeignClientPolicyManagerFactory extends DefaultClientPolicyManagerFactory {

    @Override
    public String getId() {
        return "foreign";
    }

    @Override
    public int order() {
        return 1000;
    }
}
