// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.BackendWarnings;
import io.converttoken.keycloak.backend.BackendWarnings.Risk;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Refusal;
import org.keycloak.models.KeycloakSession;

/**
 * A token is unbound if nobody can tell for which application it was issued. Unbound tokens are accepted only if the
 * admin says so, and the log warns of them.
 */
final class UnboundTokens {

    private UnboundTokens() {}

    static void requireAccepted(KeycloakSession session, Backend backend) {
        if (!backend.config().acceptUnboundTokens()) {
            throw new ExternalTokenRefusedException(Refusal.UNBOUND);
        }
        BackendWarnings.warn(session, backend, Risk.UNBOUND_TOKENS);
    }
}
