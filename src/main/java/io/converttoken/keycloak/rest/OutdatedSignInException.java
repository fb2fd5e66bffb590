package io.converttoken.keycloak.rest;

/** The person signed in too long ago for what is asked; the message is for the event. */
final class OutdatedSignInException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long maxAge;

    OutdatedSignInException(long maxAge) {
        super("sign-in is older than " + maxAge + " seconds, or not known");
        this.maxAge = maxAge;
    }

    /** Seconds that the sign-in may be old. */
    long maxAge() {
        return maxAge;
    }
}
