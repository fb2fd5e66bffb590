// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.ProviderAnswer;
import java.util.Set;

/** Reads a provider's answer to a revocation. */
final class Revoked {

    private Revoked() {}

    /**
     * Requires that nothing is left to revoke.
     *
     * @param dead the errors by which this provider says that the token is dead already
     * @throws ExternalTokenRefusedException when the provider refuses, most likely because of our credentials
     */
    static void require(ProviderAnswer answer, String... dead) {
        boolean isDead = answer.status() == 400
                && Set.of(dead).contains(answer.body().path("error").asText());
        boolean isDone = answer.isOk() && answer.body().path("success").asBoolean(true);
        if (!isDone && !isDead) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.PROVIDER_ERROR, Finding.found(() -> answer.address() + ": HTTP " + answer.status()));
        }
    }
}
