// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.refusal;

import org.keycloak.services.clientpolicy.ClientPolicyException;

/** A client policy refuses a call. This exception carries the checked exception of Keycloak. */
public final class PolicyRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ClientPolicyException refusal;

    public PolicyRefusedException(ClientPolicyException refusal) {
        super(refusal);
        this.refusal = refusal;
    }

    ClientPolicyException refusal() {
        return refusal;
    }
}
