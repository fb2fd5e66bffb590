// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.internals.Causes;
import io.converttoken.keycloak.limits.LimitReachedException;
import java.util.Optional;
import java.util.stream.Stream;

/** The provider cannot be asked now, or answers nonsense: nothing is known about the token, trying later may help. */
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

    /** What is behind an exception of Keycloak's, if it is that the provider cannot be asked. */
    public static Optional<ProviderUnavailableException> in(RuntimeException failure) {
        return Causes.of(failure).flatMap(ProviderUnavailableException::of).findFirst();
    }

    private static Stream<ProviderUnavailableException> of(Throwable cause) {
        if (cause instanceof ProviderUnavailableException unavailable) {
            // a new one: the same may be shown to several callers
            return Stream.of(new ProviderUnavailableException(
                    String.valueOf(unavailable.getMessage()), unavailable.retryAfter()));
        }
        return cause instanceof LimitReachedException limit ? Stream.of(because(limit)) : Stream.empty();
    }

    /** Seconds after which trying again makes sense. */
    public long retryAfter() {
        return retryAfter;
    }
}
