// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;

/**
 * The external token is refused: it is not genuine, not valid now or not issued to us, or the backend cannot verify it.
 * {@link ProviderUnavailableException} says instead that the provider cannot be asked now.
 */
public final class ExternalTokenRefusedException extends RefusedException {

    private static final long serialVersionUID = 1L;

    public ExternalTokenRefusedException(ReasonCode code) {
        this(Reason.of(code));
    }

    public ExternalTokenRefusedException(ReasonCode code, Finding finding) {
        this(Reason.of(code, finding));
    }

    /** @param reason the reason of another exception */
    public ExternalTokenRefusedException(Reason reason) {
        super(reason);
    }
}
