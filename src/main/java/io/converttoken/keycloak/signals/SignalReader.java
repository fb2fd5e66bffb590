// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.RawRequest;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import java.util.function.Supplier;

/** Reads signals of one kind. */
interface SignalReader {

    /**
     * Proves that a signal is genuine, valid now, and for us.
     *
     * @return what says what the signal means, or throws {@link InvalidParameterException} where it does not say enough
     * @throws ExternalTokenRefusedException when it is not
     * @throws ProviderUnavailableException when the provider's keys cannot be loaded
     * @throws InvalidParameterException when it is not even in the form of its kind
     */
    Supplier<Signal> prove(RawRequest request);
}
