// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

/**
 * Another transaction was faster than this one, which can only be rolled back. A new transaction may succeed, because
 * it sees what the other transaction has written. This one may be too old for that: on databases with REPEATABLE READ a
 * transaction sees the data as it was at its first read.
 */
public final class OvertakenException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    OvertakenException() {
        super("another transaction was faster");
    }
}
