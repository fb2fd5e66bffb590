// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.cluster;

/** Others have held a lock for longer than a caller can wait; trying later helps. */
public final class BusyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param what kind of thing others hold */
    public BusyException(String what) {
        super("others are busy with the same " + what);
    }
}
