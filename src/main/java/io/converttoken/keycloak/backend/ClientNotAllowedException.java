package io.converttoken.keycloak.backend;

/** The client is not among the backend's {@code allowedClients}. */
public final class ClientNotAllowedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String alias;

    ClientNotAllowedException(Backend backend) {
        super("client not allowed to convert tokens of this backend");
        this.alias = backend.alias();
    }

    /** The alias of the backend that refused the client. */
    public String alias() {
        return alias;
    }
}
