// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

/** The client is not among the backend's {@code allowedClients}. */
public final class ClientNotAllowedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Backend backend;

    ClientNotAllowedException(Backend backend) {
        super("client not allowed to convert tokens of this backend");
        this.backend = backend;
    }

    /** Returns the backend that refused the client. */
    public Backend backend() {
        return backend;
    }
}
