// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.function.Supplier;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.SingleUseObjectProvider;

/**
 * Lets a code be tried only once, on all nodes together, whatever became of the first try. A provider that sees a code
 * twice may revoke the tokens that it gave for it (RFC 6749, section 4.1.2).
 */
final class UsedCodes {

    private static final String KEY = "convert-token:code:";

    /** Longer than any provider's code lives, in seconds. RFC 6749, section 4.1.2, recommends ten minutes at most. */
    private static final long REMEMBERED = 1800;

    private final SingleUseObjectProvider uses;

    UsedCodes(KeycloakSession session) {
        this.uses = session.getProvider(SingleUseObjectProvider.class);
    }

    /**
     * Makes the only try. A code that was not sent, because a limit was reached, can be tried again.
     *
     * @throws ExternalTokenRefusedException when the code was tried before
     */
    <T> T once(AuthorizationCode code, Backend backend, Supplier<T> attempt) {
        String key = KEY + backend.identityProvider().getInternalId() + ":" + TokenUse.digestOf(code.value());
        if (!uses.putIfAbsent(key, REMEMBERED)) {
            throw new ExternalTokenRefusedException(ReasonCode.CODE_ALREADY_USED);
        }
        try {
            return attempt.get();
        } catch (ProviderUnavailableException e) {
            if (e.reason().code().check() == Check.LIMIT) {
                uses.remove(key);
            }
            throw e;
        }
    }
}
