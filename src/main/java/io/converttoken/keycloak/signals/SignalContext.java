// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ProviderStatements;
import org.keycloak.models.KeycloakSession;

/**
 * What a reader needs.
 *
 * @param session the session of the request
 * @param backend the backend whose provider sends the signal
 * @param statements proves what the provider says
 * @param address the address of this endpoint, without a slash at its end
 */
record SignalContext(KeycloakSession session, Backend backend, ProviderStatements statements, String address) {

    SubjectReader subjects() {
        return new SubjectReader(statements.issuers());
    }
}
