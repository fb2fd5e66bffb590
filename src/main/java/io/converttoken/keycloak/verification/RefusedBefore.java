// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.limits.RefusedTokens;
import io.converttoken.keycloak.limits.ServerLimits;
import io.converttoken.keycloak.verification.provider.CallAllowance;
import io.converttoken.keycloak.verification.token.TokenUse;
import io.converttoken.keycloak.verification.verifier.Proof;
import java.util.Optional;
import java.util.function.Supplier;

/** Remembers which access tokens a provider has just refused, so that the provider is not asked about them again. */
final class RefusedBefore {

    private RefusedBefore() {}

    /**
     * Verifies an access token, unless the provider has refused the same token a moment ago.
     *
     * @throws ExternalTokenRefusedException when the provider refused the token before, or refuses it now
     */
    static Proof orElse(ExternalToken token, CallAllowance access, Supplier<Proof> verification) {
        RefusedTokens memory = ServerLimits.of(access.session()).refusedTokens();
        RefusedTokens.Key key = new RefusedTokens.Key(access.backend(), access.revision(), TokenUse.digestOf(token));
        Optional<Refusal> before = memory.find(key, Refusal.class);
        if (before.isPresent()) {
            access.countRemembered();
            throw new ExternalTokenRefusedException(before.get());
        }
        try {
            return verification.get();
        } catch (ExternalTokenRefusedException e) {
            if (access.wasUsed() && e.refusal().isFinal()) {
                memory.remember(key, e.refusal());
            }
            throw e;
        }
    }
}
