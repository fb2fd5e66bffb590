// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

/** A parameter is missing, repeated or too long, or has a value that is not allowed. */
public final class InvalidParameterException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String description;

    public InvalidParameterException(String description) {
        super(description);
        this.description = description;
    }

    /** Returns a fixed text of ours that names the parameter. */
    public String description() {
        return description;
    }
}
