package io.converttoken.keycloak.verification;

/** The provider can not be asked now, or answers nonsense: nothing is known about the token, trying later may help. */
public final class ProviderUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final long DEFAULT_RETRY_AFTER = 5;

    private final long retryAfter;

    ProviderUnavailableException(String reason) {
        this(reason, DEFAULT_RETRY_AFTER);
    }

    ProviderUnavailableException(String reason, long retryAfter) {
        super(reason);
        this.retryAfter = retryAfter;
    }

    /** Seconds after which trying again makes sense. */
    public long retryAfter() {
        return retryAfter;
    }
}
