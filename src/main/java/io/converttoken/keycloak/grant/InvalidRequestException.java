package io.converttoken.keycloak.grant;

/** A parameter is missing, too long, or not one of its values. The message is ours and is told to the caller. */
final class InvalidRequestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String description;

    InvalidRequestException(String description) {
        super(description);
        this.description = description;
    }

    String description() {
        return description;
    }
}
