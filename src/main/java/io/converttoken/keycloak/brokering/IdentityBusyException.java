package io.converttoken.keycloak.brokering;

/** Others have been deciding whose an identity is for longer than a caller can wait; trying later helps. */
public final class IdentityBusyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    IdentityBusyException() {
        super("others bring the same identity");
    }
}
