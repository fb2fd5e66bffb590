package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import jakarta.persistence.OptimisticLockException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.naming.CommunicationException;
import javax.naming.ServiceUnavailableException;
import org.jboss.logging.Logger;
import org.keycloak.storage.StorageUnavailableException;

/**
 * What somebody writes into a profile at the provider may be what a column, a directory, a mapper or another account here
 * does not take. Which exception says so is up to those, so that all count, but for those that no profile can bring about.
 */
public final class UnstorableProfile {

    /** The reason, for the event. */
    public static final String REASON = "profile can not be stored";

    private static final Logger LOGGER = Logger.getLogger(UnstorableProfile.class);

    /** SQLSTATE classes of connections that are lost, resources that are used up, and databases that are stopped. */
    private static final String OUTAGE = "08|53|57|58";

    /** SQLSTATE classes and codes of transactions that are in each other's way: rolled back, or waited for too long. */
    private static final String CONFLICT = "40...|HYT00|55P03";

    /**
     * ER_LOCK_WAIT_TIMEOUT of MySQL and MariaDB, and MariaDB's ER_CHECKREAD: since 11.6.2 it ends a transaction that would
     * change what another one has changed after it first read.
     */
    private static final Set<Integer> CONFLICTS_OF_MYSQL = Set.of(1205, 1020);

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
        if (VERDICTS.contains(fault.getClass()) || causes(fault).anyMatch(UnstorableProfile::isOutage)) {
            throw fault;
        }
        if (causes(fault).anyMatch(UnstorableProfile::isConflict)) {
            LOGGER.debugf("Another transaction was in the way: %s", place(fault));
            throw new OvertakenException();
        }
        LOGGER.warnf(
                "A profile of backend '%s' can not be stored: %s, by %s",
                backend.alias(),
                causes(fault).map(cause -> cause.getClass().getName()).collect(Collectors.joining(" of ")),
                place(fault));
    }

    private static String place(RuntimeException fault) {
        StackTraceElement[] calls = fault.getStackTrace();
        return calls.length == 0 ? "an unknown place" : String.valueOf(calls[0]);
    }

    private static Stream<Throwable> causes(Throwable fault) {
        return Stream.iterate(fault, Objects::nonNull, Throwable::getCause).limit(20);
    }

    private static boolean isOutage(Throwable cause) {
        return cause instanceof CommunicationException
                || cause instanceof ServiceUnavailableException
                || cause instanceof StorageUnavailableException
                || (cause instanceof SQLException sql && state(sql).matches("(" + OUTAGE + ")..."));
    }

    private static boolean isConflict(Throwable cause) {
        return cause instanceof OptimisticLockException
                || (cause instanceof SQLException sql
                        && (state(sql).matches(CONFLICT) || CONFLICTS_OF_MYSQL.contains(sql.getErrorCode())));
    }

    private static String state(SQLException sql) {
        return Objects.requireNonNullElse(sql.getSQLState(), "");
    }
}
