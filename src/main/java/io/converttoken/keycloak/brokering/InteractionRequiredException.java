// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;

/** The account needs a person: a page would be shown in a browser. Nothing was written. */
public final class InteractionRequiredException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String alias;

    /**
     * @param backend where the browser flow starts
     * @param reason for the event; it is not told to the caller, and names no account
     */
    InteractionRequiredException(Backend backend, String reason) {
        super(reason);
        this.alias = backend.alias();
    }

    /** The identity provider to which the browser flow leads, by {@code kc_idp_hint}. */
    public String alias() {
        return alias;
    }
}
