// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

/**
 * Another transaction was faster than this one, which can only be rolled back. A new transaction may succeed: it sees what the
 * other one has made. This one may be too old to see it, because on databases with REPEATABLE READ a transaction sees what was
 * there when it first read.
 */
public final class OvertakenException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    OvertakenException() {
        super("another transaction was faster");
    }
}
