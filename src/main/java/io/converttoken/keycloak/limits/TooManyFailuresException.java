// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

/** Too many conversions of a backend have failed for this client address. */
public final class TooManyFailuresException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long retryAfter;

    TooManyFailuresException(long retryAfter) {
        super("too many conversions have failed for this client address");
        this.retryAfter = retryAfter;
    }

    /** Returns the number of seconds after which trying again makes sense. */
    public long retryAfter() {
        return retryAfter;
    }
}
