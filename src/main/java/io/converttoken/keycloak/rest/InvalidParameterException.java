package io.converttoken.keycloak.rest;

/** A parameter that is missing, repeated or too long. */
final class InvalidParameterException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String description;

    InvalidParameterException(String description) {
        super(description);
        this.description = description;
    }

    /** A fixed text of ours that names the parameter. */
    String description() {
        return description;
    }
}
