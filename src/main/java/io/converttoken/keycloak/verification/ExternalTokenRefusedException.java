// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

/**
 * The external token is refused: it is not genuine, not valid now or not issued to us, or the backend cannot verify it.
 * {@link ProviderUnavailableException} says instead that the provider cannot be asked now.
 */
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
