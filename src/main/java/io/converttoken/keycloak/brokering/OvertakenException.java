// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;

/**
 * Another transaction was faster than this one, which can only be rolled back. A new transaction may succeed, because
 * it sees what the other transaction has written. This one may be too old for that: on databases with REPEATABLE READ a
 * transaction sees the data as it was at its first read.
 */
public final class OvertakenException extends RefusedException {

    private static final long serialVersionUID = 1L;

    OvertakenException() {
        super(Reason.of(ReasonCode.BUSY, "another transaction was faster"));
    }
}
