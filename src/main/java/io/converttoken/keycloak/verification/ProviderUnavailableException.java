// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.internals.Causes;
import io.converttoken.keycloak.limits.LimitReachedException;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The provider cannot be asked now, or its answer makes no sense. Nothing is known about the token, and trying again
 * later may help.
 */
public final class ProviderUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final long DEFAULT_RETRY_AFTER = 5;

    private final long retryAfter;

    public ProviderUnavailableException(String reason) {
        this(reason, DEFAULT_RETRY_AFTER);
    }

    private ProviderUnavailableException(String reason, long retryAfter) {
        super(reason);
        this.retryAfter = retryAfter;
    }

    public static ProviderUnavailableException because(LimitReachedException limit) {
        return new ProviderUnavailableException(String.valueOf(limit.getMessage()), limit.retryAfter());
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
            return Stream.of(new ProviderUnavailableException(
                    String.valueOf(unavailable.getMessage()), unavailable.retryAfter()));
        }
        return cause instanceof LimitReachedException limit ? Stream.of(because(limit)) : Stream.empty();
    }

    /** Returns the number of seconds after which trying again makes sense. */
    public long retryAfter() {
        return retryAfter;
    }
}
