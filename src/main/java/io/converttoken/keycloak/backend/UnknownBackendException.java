// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

/** No backend that can convert has the name that was asked for. */
public final class UnknownBackendException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnknownBackendException() {
        super("unknown, switched-off or ambiguous backend");
    }
}
