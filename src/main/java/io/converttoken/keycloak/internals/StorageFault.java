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

/** What an exception says of the database or of a user storage. */
public enum StorageFault {
    /** It cannot be reached, has stopped, or has no more room. */
    OUTAGE,
    /** Another transaction was in the way; a new one may succeed. */
    CONFLICT,
    /** It says nothing of both. */
    NONE;

    /** SQLSTATE classes of connections that are lost, resources that are used up, and databases that are stopped. */
    private static final String OUTAGES = "(08|53|57|58)...";

    /** SQLSTATE classes and codes of transactions that are in each other's way: rolled back, or waited for too long. */
    private static final String CONFLICTS = "40...|HYT00|55P03";

    /**
     * ER_LOCK_WAIT_TIMEOUT of MySQL and MariaDB, and MariaDB's ER_CHECKREAD: since 11.6.2 it ends a transaction that would
     * change what another one has changed after it first read.
     */
    private static final Set<Integer> CONFLICTS_OF_MYSQL = Set.of(1205, 1020);

    /** By the exception and its causes. */
    public static StorageFault of(RuntimeException fault) {
        if (Causes.of(fault).anyMatch(StorageFault::isOutage)) {
            return OUTAGE;
        }
        return Causes.of(fault).anyMatch(StorageFault::isConflict) ? CONFLICT : NONE;
    }

    /** Whether it was thrown by the database, for whatever reason. */
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
