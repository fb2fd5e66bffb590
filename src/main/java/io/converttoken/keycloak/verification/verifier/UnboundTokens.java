// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.BackendWarnings;
import io.converttoken.keycloak.backend.BackendWarnings.Risk;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Refusal;
import org.keycloak.models.KeycloakSession;

/**
 * Tokens for which nobody can tell to which application they were issued. They are accepted only if the admin says so,
 * and the log warns of them.
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
