package io.converttoken.keycloak.http;

/** The body is not a JSON object of plain values. */
final class MalformedBodyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MalformedBodyException() {
        super("body is not a JSON object of plain values");
    }
}
