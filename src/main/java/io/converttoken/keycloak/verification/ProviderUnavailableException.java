// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.internals.Causes;
import io.converttoken.keycloak.limits.LimitReachedException;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The provider cannot be asked now, or its answer makes no sense. Nothing is known about the token, and trying again
 * later may help.
 */
public final class ProviderUnavailableException extends RefusedException {

    private static final long serialVersionUID = 1L;

    private static final long DEFAULT_RETRY_AFTER = 5;

    private final long retryAfter;

    /** @param found which address was called and what became of the call, without anything that was sent or answered */
    public ProviderUnavailableException(ReasonCode code, String found) {
        this(Reason.of(code, found), DEFAULT_RETRY_AFTER);
    }

    private ProviderUnavailableException(Reason reason, long retryAfter) {
        super(reason);
        this.retryAfter = retryAfter;
    }

    public static ProviderUnavailableException because(LimitReachedException limit) {
        return new ProviderUnavailableException(limit.reason(), limit.retryAfter());
    }

    /**
     * Returns the exception that caused an exception of Keycloak, if the cause is that the provider cannot be asked.
     */
    public static Optional<ProviderUnavailableException> in(RuntimeException failure) {
        return Causes.of(failure).flatMap(ProviderUnavailableException::of).findFirst();
    }

    private static Stream<ProviderUnavailableException> of(Throwable cause) {
        if (cause instanceof ProviderUnavailableException unavailable) {
            // a new exception, because Keycloak may hand the same one to several callers
            return Stream.of(new ProviderUnavailableException(unavailable.reason(), unavailable.retryAfter()));
        }
        return cause instanceof LimitReachedException limit ? Stream.of(because(limit)) : Stream.empty();
    }

    /** Returns the number of seconds after which trying again makes sense. */
    public long retryAfter() {
        return retryAfter;
    }
}
