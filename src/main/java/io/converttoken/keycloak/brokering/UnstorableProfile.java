// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.internals.Causes;
import io.converttoken.keycloak.internals.StorageFault;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;

/**
 * Recognises profiles that cannot be stored. A person can write something into the profile at the provider that a
 * column, a directory, a mapper or another account does not accept. Each of them may throw any exception, so every
 * exception counts, except those that no profile can cause.
 */
public final class UnstorableProfile {

    private static final Logger LOGGER = Logger.getLogger(UnstorableProfile.class);

    private static final Set<Class<? extends RuntimeException>> VERDICTS = Set.of(
            InteractionRequiredException.class,
            UserRefusedException.class,
            ProviderUnavailableException.class,
            BusyException.class,
            OvertakenException.class,
            LookalikeException.class,
            DirectoryEntryNeededException.class);

    private UnstorableProfile() {}

    /**
     * Returns only if the profile is at fault, and then logs the class of the exception. The message is left out,
     * because it may quote the profile.
     *
     * @throws OvertakenException when another transaction was in the way
     * @throws RuntimeException the same exception, when neither the profile nor another transaction is at fault, or
     *     when the exception is already a refusal of ours
     */
    public static void rethrowUnlessCauseOf(RuntimeException fault, Backend backend, KeycloakSession session) {
        StorageFault ofStorage = StorageFault.of(fault);
        if (VERDICTS.contains(fault.getClass()) || ofStorage == StorageFault.OUTAGE) {
            throw fault;
        }
        if (ofStorage == StorageFault.CONFLICT) {
            LOGGER.debugf("Another transaction was in the way: %s", place(fault));
            throw new OvertakenException();
        }
        if (AccountTrial.isMadeIn(session)) {
            return;
        }
        LOGGER.warnf(
                "A profile of backend '%s' cannot be stored: %s, by %s",
                backend.alias(),
                Causes.of(fault).map(cause -> cause.getClass().getName()).collect(Collectors.joining(" of ")),
                place(fault));
    }

    private static String place(RuntimeException fault) {
        StackTraceElement[] calls = fault.getStackTrace();
        return calls.length == 0 ? "an unknown place" : String.valueOf(calls[0]);
    }
}
