package io.converttoken.keycloak.brokering;

/**
 * Another request has made the identity's account while this one was about to. This transaction may be too old to see it:
 * on databases with REPEATABLE READ it sees what was there when it began.
 */
public final class KnownMeanwhileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    KnownMeanwhileException() {
        super("another request has made the account meanwhile");
    }
}
