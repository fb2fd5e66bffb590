// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.verification.token.Issuers;
import org.keycloak.common.util.Time;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.SingleUseObjectProvider;
import org.keycloak.models.utils.KeycloakModelUtils;

/** External tokens that convert once, on all nodes together ({@code singleUse} of the mapper). */
final class SingleUse {

    private static final String KEY = "convert-token:";

    private final KeycloakSession session;

    SingleUse(KeycloakSession session) {
        this.session = session;
    }

    /**
     * Uses the token up until it expires. If the session's transaction is rolled back, the token is as good as before.
     *
     * @throws ExternalTokenRefusedException when it was used before, or when nobody knows how long it must be remembered
     */
    void take(VerifiedIdentity identity) {
        long remaining = identity.tokenUse()
                .remaining(
                        Time.currentTimeSeconds(),
                        Issuers.clockSkew(identity.backend().identityProvider()))
                .orElseThrow(() -> new ExternalTokenRefusedException(Refusal.NO_EXPIRY));
        String key = key(identity);
        if (!session.getProvider(SingleUseObjectProvider.class).putIfAbsent(key, remaining)) {
            throw new ExternalTokenRefusedException(Refusal.ALREADY_USED);
        }
        session.getTransactionManager().enlistAfterCompletion(new GivenBack(key));
    }

    private static String key(VerifiedIdentity identity) {
        return KEY
                + identity.backend().identityProvider().getInternalId()
                + ":"
                + identity.tokenUse().digest();
    }

    /** Where the transaction comes to nothing, whoever is to blame, so does the use: the person may come again with the token. */
    private final class GivenBack extends AbstractKeycloakTransaction {

        private final String key;

        GivenBack(String key) {
            this.key = key;
        }

        @Override
        protected void commitImpl() {
            // used for good
        }

        @Override
        protected void rollbackImpl() {
            KeycloakModelUtils.runJobInTransaction(
                    session.getKeycloakSessionFactory(),
                    own -> own.getProvider(SingleUseObjectProvider.class).remove(key));
        }
    }
}
