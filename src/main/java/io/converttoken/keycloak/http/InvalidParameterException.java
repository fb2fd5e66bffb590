// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

/** A parameter that is missing, repeated or too long. */
public final class InvalidParameterException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String description;

    public InvalidParameterException(String description) {
        super(description);
        this.description = description;
    }

    /** A fixed text of ours that names the parameter. */
    public String description() {
        return description;
    }
}
