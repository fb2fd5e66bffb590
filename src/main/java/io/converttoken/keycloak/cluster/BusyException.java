// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.cluster;

import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;

/** Other callers have held a lock for longer than this caller can wait. A later attempt may succeed. */
public final class BusyException extends RefusedException {

    private static final long serialVersionUID = 1L;

    /** @param what the kind of thing that is locked, in a few words */
    public BusyException(String what) {
        super(Reason.of(ReasonCode.BUSY, what));
    }
}
