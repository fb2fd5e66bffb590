// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.RefusedException;

/** No backend that can convert has the name that was asked for. */
public final class UnknownBackendException extends RefusedException {

    private static final long serialVersionUID = 1L;

    UnknownBackendException(Reason reason) {
        super(reason);
    }
}
