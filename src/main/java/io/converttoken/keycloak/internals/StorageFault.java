// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import jakarta.persistence.OptimisticLockException;
import jakarta.persistence.PersistenceException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;
import javax.naming.CommunicationException;
import javax.naming.ServiceUnavailableException;
import org.keycloak.models.ModelException;
import org.keycloak.storage.StorageUnavailableException;

/** The fault of the database or of a user storage that an exception tells of. */
public enum StorageFault {
    /** The storage cannot be reached, has stopped, or has no more room. */
    OUTAGE,
    /** Another transaction was in the way; a new one may succeed. */
    CONFLICT,
    /** The exception tells of neither. */
    NONE;

    /** SQLSTATE classes of lost connections, of resources that are used up, and of stopped databases. */
    private static final String OUTAGES = "(08|53|57|58)...";

    /** SQLSTATE classes and codes of transactions that were rolled back, or waited too long, because of each other. */
    private static final String CONFLICTS = "40...|HYT00|55P03";

    /**
     * ER_LOCK_WAIT_TIMEOUT of MySQL and MariaDB, and ER_CHECKREAD of MariaDB. Since 11.6.2, MariaDB ends a transaction
     * by the latter if it would change what another transaction has changed since its first read.
     */
    private static final Set<Integer> CONFLICTS_OF_MYSQL = Set.of(1205, 1020);

    /** Finds the fault in the exception and its causes. */
    public static StorageFault of(RuntimeException fault) {
        if (Causes.of(fault).anyMatch(StorageFault::isOutage)) {
            return OUTAGE;
        }
        return Causes.of(fault).anyMatch(StorageFault::isConflict) ? CONFLICT : NONE;
    }

    /** Returns whether the database has thrown the exception, for whatever reason. */
    public static boolean isOfDatabase(RuntimeException fault) {
        return fault instanceof ModelException || fault instanceof PersistenceException;
    }

    private static boolean isOutage(Throwable cause) {
        return cause instanceof CommunicationException
                || cause instanceof ServiceUnavailableException
                || cause instanceof StorageUnavailableException
                || (cause instanceof SQLException sql && state(sql).matches(OUTAGES));
    }

    private static boolean isConflict(Throwable cause) {
        return cause instanceof OptimisticLockException
                || (cause instanceof SQLException sql
                        && (state(sql).matches(CONFLICTS) || CONFLICTS_OF_MYSQL.contains(sql.getErrorCode())));
    }

    private static String state(SQLException sql) {
        return Objects.requireNonNullElse(sql.getSQLState(), "");
    }
}
