// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.reason;

/** A call is refused, for a reason that events, metrics and explanations name. */
public abstract class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // never serialised
    private final Reason reason;

    protected RefusedException(Reason reason) {
        super(reason.text());
        this.reason = reason;
    }

    /** Returns why the call is refused. The caller is told less. */
    public final Reason reason() {
        return reason;
    }
}
