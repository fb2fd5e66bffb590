// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

/** The external token is not genuine, not valid now, or not ours: the caller's fault, and final. */
public final class ExternalTokenRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    public ExternalTokenRefusedException(Refusal refusal) {
        super(refusal.reason());
        this.refusal = refusal;
    }

    Refusal refusal() {
        return refusal;
    }
}
