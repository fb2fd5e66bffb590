package io.converttoken.keycloak.rest;

/** A call ends before anything is done. */
final class CallRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // never serialised
    private final CallRefusal refusal;

    CallRefusedException(CallRefusal refusal) {
        super(refusal.reason());
        this.refusal = refusal;
    }

    CallRefusal refusal() {
        return refusal;
    }
}
