// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ProviderStatements;
import java.time.Duration;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.SingleUseObjectProvider;

/**
 * Knows which signals were carried out lately, on all nodes. Providers send a signal again if they have not seen the
 * answer. A repeated signal would do no harm, because it ends only what began before it happened; but a person who signs
 * in again in the very second of the signal would be signed out by the repetition.
 */
final class RepeatedSignals {

    private static final String KEY = "convert-token-signal:";

    /** Longer than any provider goes on trying within one second of clocks, and than the call of a revocation is valid. */
    private static final Duration MEMORY = Duration.ofHours(24);

    private final SingleUseObjectProvider store;
    private final String prefix;

    RepeatedSignals(KeycloakSession session, Backend backend) {
        this.store = session.getProvider(SingleUseObjectProvider.class);
        this.prefix = KEY + backend.identityProvider().getInternalId() + ":";
    }

    boolean contain(Signal signal) {
        return store.contains(key(signal));
    }

    /** Returns whether the signal was not noted before. */
    boolean note(Signal signal) {
        return store.putIfAbsent(key(signal), MEMORY.toSeconds());
    }

    private String key(Signal signal) {
        return prefix + ProviderStatements.digest(signal.kind() + " " + signal.digest());
    }
}
