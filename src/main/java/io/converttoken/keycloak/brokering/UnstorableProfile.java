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

/**
 * What somebody writes into a profile at the provider may be what a column, a directory, a mapper or another account here
 * does not take. Which exception says so is up to those, so that all count, but for those that no profile can bring about.
 */
public final class UnstorableProfile {

    /** The reason, for the event. */
    public static final String REASON = "profile cannot be stored";

    private static final Logger LOGGER = Logger.getLogger(UnstorableProfile.class);

    private static final Set<Class<? extends RuntimeException>> VERDICTS = Set.of(
            InteractionRequiredException.class,
            UserRefusedException.class,
            ProviderUnavailableException.class,
            BusyException.class,
            OvertakenException.class,
            LookalikeException.class);

    private UnstorableProfile() {}

    /**
     * Returns where the profile is at fault, and tells the log of which kind of exception it was; what it says is left out,
     * for it quotes the profile.
     *
     * @throws OvertakenException where another transaction was in the way
     * @throws RuntimeException the very same, where neither the profile nor another transaction is at fault, or where it is a
     *     verdict of ours already
     */
    public static void rethrowUnlessCauseOf(RuntimeException fault, Backend backend) {
        StorageFault ofStorage = StorageFault.of(fault);
        if (VERDICTS.contains(fault.getClass()) || ofStorage == StorageFault.OUTAGE) {
            throw fault;
        }
        if (ofStorage == StorageFault.CONFLICT) {
            LOGGER.debugf("Another transaction was in the way: %s", place(fault));
            throw new OvertakenException();
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
