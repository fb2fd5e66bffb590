// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;
import org.keycloak.models.ClientModel;

/** The client is not among the backend's {@code allowedClients}. */
public final class ClientNotAllowedException extends RefusedException {

    private static final long serialVersionUID = 1L;

    private final transient Backend backend;

    ClientNotAllowedException(Backend backend, ClientModel client) {
        super(Reason.of(
                ReasonCode.CLIENT_NOT_ALLOWED,
                Finding.of(() -> backend.config().allowedClients(), client::getClientId)));
        this.backend = backend;
    }

    /** Returns the backend that refused the client. */
    public Backend backend() {
        return backend;
    }
}
