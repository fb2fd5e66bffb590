package io.converttoken.keycloak.brokering;

/** An identity can not be connected or disconnected. The reason is for the event, the description for the caller. */
public final class ConnectionRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Whose fault it is. */
    public enum Fault {
        /** What is asked for can not be done. */
        REQUEST,
        /** The client may not bring tokens of this backend. */
        CLIENT,
        /** The external token is not genuine, not valid now, or not ours. */
        TOKEN,
        /** What the provider says of the person can not be stored. */
        PROFILE,
        /** The provider can not be asked now. */
        PROVIDER,
        /** Too many tokens were refused that came from the same address. */
        TOO_MANY
    }

    private final Fault fault;
    private final String description;
    private final long retryAfter;

    ConnectionRefusedException(Fault fault, String reason, String description) {
        this(fault, reason, description, 0);
    }

    ConnectionRefusedException(Fault fault, String reason, String description, long retryAfter) {
        super(reason);
        this.fault = fault;
        this.description = description;
        this.retryAfter = retryAfter;
    }

    public Fault fault() {
        return fault;
    }

    /** Seconds after which trying again makes sense; 0 where it never does. */
    public long retryAfter() {
        return retryAfter;
    }

    /** A fixed text of ours. */
    public String description() {
        return description;
    }
}
