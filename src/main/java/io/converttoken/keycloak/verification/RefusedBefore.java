package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.limits.RefusedTokens;
import io.converttoken.keycloak.limits.ServerLimits;
import java.util.Optional;
import java.util.function.Supplier;

/** Spares the provider the question what it thinks of a bad token that it has just refused. */
final class RefusedBefore {

    private RefusedBefore() {}

    /**
     * Verifies an access token of which it is not known that the provider refuses it.
     *
     * @throws ExternalTokenRefusedException when the provider did or does refuse it
     */
    static VerifiedIdentity orElse(
            ExternalToken token, ProviderAccess access, Supplier<VerifiedIdentity> verification) {
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
