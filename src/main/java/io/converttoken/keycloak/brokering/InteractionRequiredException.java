// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.RefusedException;

/** A person must act first, because a browser login would show a page. What the login has written is rolled back. */
public final class InteractionRequiredException extends RefusedException {

    private static final long serialVersionUID = 1L;

    private final String alias;

    /**
     * @param backend the backend of the browser flow
     * @param reason the reason for the event; the caller does not see it, and it names no account
     */
    InteractionRequiredException(Backend backend, Reason reason) {
        super(reason);
        this.alias = backend.alias();
    }

    /** Returns the alias that the browser flow expects as {@code kc_idp_hint}. */
    public String alias() {
        return alias;
    }
}
