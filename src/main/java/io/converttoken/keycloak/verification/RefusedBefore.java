// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.limits.RefusedTokens;
import io.converttoken.keycloak.limits.ServerLimits;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.provider.CallAllowance;
import io.converttoken.keycloak.verification.token.TokenUse;
import io.converttoken.keycloak.verification.verifier.Proof;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Remembers which access tokens a provider has just refused, so that the provider is not asked about them again. */
final class RefusedBefore {

    /** The reasons for which the same token need not be refused a minute later. */
    private static final Set<ReasonCode> PASSING = EnumSet.of(
            ReasonCode.TOKEN_NOT_YET_VALID,
            ReasonCode.TOKEN_ISSUED_IN_FUTURE,
            ReasonCode.SECRET_NOT_CONFIGURED,
            ReasonCode.ADDRESS_NOT_CONFIGURED,
            ReasonCode.KEYS_UNREADABLE,
            ReasonCode.ANSWER_UNREADABLE);

    private RefusedBefore() {}

    /**
     * Verifies an access token, unless the provider has refused the same token a moment ago.
     *
     * @throws ExternalTokenRefusedException when the provider refused the token before, or refuses it now
     */
    static Proof orElse(ExternalToken token, CallAllowance access, Supplier<Proof> verification) {
        RefusedTokens memory = ServerLimits.of(access.session()).refusedTokens();
        RefusedTokens.Key key = new RefusedTokens.Key(access.backend(), access.revision(), TokenUse.digestOf(token));
        Optional<Reason> before = memory.find(key);
        if (before.isPresent()) {
            access.countRemembered();
            throw new ExternalTokenRefusedException(before.get());
        }
        try {
            return verification.get();
        } catch (ExternalTokenRefusedException e) {
            boolean isVerdict = access.wasUsed() && !PASSING.contains(e.reason().code());
            if (isVerdict && !access.isTrial()) {
                memory.remember(key, e.reason());
            }
            throw e;
        }
    }
}
