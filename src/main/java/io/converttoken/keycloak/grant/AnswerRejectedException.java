package io.converttoken.keycloak.grant;

import org.keycloak.services.clientpolicy.ClientPolicyException;

/** A client policy refuses the tokens that are about to be sent. */
final class AnswerRejectedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ClientPolicyException rejection;

    AnswerRejectedException(ClientPolicyException rejection) {
        super(rejection);
        this.rejection = rejection;
    }

    ClientPolicyException rejection() {
        return rejection;
    }
}
