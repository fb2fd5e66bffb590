// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;

/** A parameter is missing, repeated or too long, or has a value that is not allowed. */
public final class InvalidParameterException extends RefusedException {

    private static final long serialVersionUID = 1L;

    private final String description;

    public InvalidParameterException(String description) {
        this(ReasonCode.INVALID_PARAMETER, description);
    }

    /** @param code a more precise reason */
    public InvalidParameterException(ReasonCode code, String description) {
        super(Reason.said(code, description));
        this.description = description;
    }

    /** Returns a fixed text of ours that names the parameter. */
    public String description() {
        return description;
    }
}
