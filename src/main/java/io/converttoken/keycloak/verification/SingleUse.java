// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.token.Issuers;
import org.keycloak.common.util.Time;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.SingleUseObjectProvider;
import org.keycloak.models.utils.KeycloakModelUtils;

/** Lets an external token convert only once, on all nodes together ({@code singleUse} of the mapper). */
final class SingleUse {

    private static final String KEY = "convert-token:";

    private final KeycloakSession session;

    SingleUse(KeycloakSession session) {
        this.session = session;
    }

    /**
     * Marks the token as used until it expires. If the session's transaction is rolled back, the token can be used
     * again.
     *
     * @throws ExternalTokenRefusedException when the token was used before, or when its expiry is not known
     */
    void take(VerifiedIdentity identity) {
        long remaining = remaining(identity);
        String key = key(identity);
        if (!uses().putIfAbsent(key, remaining)) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_ALREADY_USED);
        }
        session.getTransactionManager().enlistAfterCompletion(new GivenBack(key));
    }

    /**
     * Refuses a token that {@link #take} would refuse, and does not mark it.
     *
     * @throws ExternalTokenRefusedException as {@link #take} does
     */
    Finding requireUnused(VerifiedIdentity identity) {
        remaining(identity);
        if (uses().contains(key(identity))) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_ALREADY_USED);
        }
        return Finding.nothing();
    }

    private SingleUseObjectProvider uses() {
        return session.getProvider(SingleUseObjectProvider.class);
    }

    private static long remaining(VerifiedIdentity identity) {
        return identity.tokenUse()
                .remaining(
                        Time.currentTimeSeconds(),
                        Issuers.clockSkew(identity.backend().identityProvider()))
                .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.EXPIRY_MISSING));
    }

    private static String key(VerifiedIdentity identity) {
        return KEY
                + identity.backend().identityProvider().getInternalId()
                + ":"
                + identity.tokenUse().digest();
    }

    /**
     * Forgets the use when the transaction is rolled back, for any reason, so that the person may send the token again.
     */
    private final class GivenBack extends AbstractKeycloakTransaction {

        private final String key;

        GivenBack(String key) {
            this.key = key;
        }

        @Override
        protected void commitImpl() {
            // the token stays used
        }

        @Override
        protected void rollbackImpl() {
            KeycloakModelUtils.runJobInTransaction(
                    session.getKeycloakSessionFactory(),
                    own -> own.getProvider(SingleUseObjectProvider.class).remove(key));
        }
    }
}
