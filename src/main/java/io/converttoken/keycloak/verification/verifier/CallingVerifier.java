// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import org.keycloak.models.KeycloakSession;

/** What all verifiers work with: the calls that they may make, and the checks that they make. */
abstract class CallingVerifier implements ExternalTokenVerifier {

    final ProviderCalls calls;
    final Checks checks;
    final KeycloakSession session;

    CallingVerifier(ProviderCalls calls) {
        this.calls = calls;
        this.checks = calls.checks();
        this.session = calls.session();
    }
}
