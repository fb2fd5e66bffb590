// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import static io.converttoken.keycloak.reason.Checks.step;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.BackendWarnings;
import io.converttoken.keycloak.backend.BackendWarnings.Risk;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.ProviderCalls;

/**
 * A token is unbound if nobody can tell for which application it was issued. Unbound tokens are accepted only if the
 * admin says so, and the log warns of them.
 */
final class UnboundTokens {

    private UnboundTokens() {}

    static void requireAccepted(ProviderCalls calls, Backend backend) {
        calls.checks().inOrder(step(Check.CONFIGURATION, () -> {
            if (!backend.config().acceptUnboundTokens()) {
                throw new ExternalTokenRefusedException(ReasonCode.TOKEN_UNBOUND);
            }
            return Finding.nothing();
        }));
        if (!calls.access().isTrial()) {
            BackendWarnings.warn(calls.session(), backend, Risk.UNBOUND_TOKENS);
        }
    }
}
