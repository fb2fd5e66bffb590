// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.reason.ReasonCode;

/** The refusal of signals that do not say what happened to whom, although they may be genuine. */
final class NotUnderstood {

    private NotUnderstood() {}

    /** @param what what is wrong, a text of ours */
    static InvalidParameterException because(String what) {
        return new InvalidParameterException(ReasonCode.SIGNAL_NOT_UNDERSTOOD, "The signal is not understood: " + what);
    }
}
