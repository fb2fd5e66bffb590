// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import java.util.Locale;
import java.util.stream.Stream;

/**
 * What became of a signal.
 *
 * @param status in one word
 * @param sessions the number of online sessions that have ended
 * @param offlineSessions the number of offline sessions that have ended
 * @param change what became of the account
 */
record Outcome(Status status, int sessions, int offlineSessions, AccountChange change) {

    /** What became of a signal, in one word. */
    enum Status {
        /** Something has ended or changed. */
        CARRIED_OUT,
        /** There was nothing left to end. */
        NOTHING_TO_END,
        /** Nothing follows from such a signal. */
        NOTED,
        /** The signal was carried out before. */
        REPEATED,
        /** Nobody who is linked to the backend is meant. */
        UNKNOWN_PERSON
    }

    static Outcome of(Status status) {
        return new Outcome(status, 0, 0, AccountChange.NONE);
    }

    static Outcome ended(int sessions, int offlineSessions, AccountChange change) {
        boolean isNothing = sessions + offlineSessions == 0 && change == AccountChange.NONE;
        return new Outcome(isNothing ? Status.NOTHING_TO_END : Status.CARRIED_OUT, sessions, offlineSessions, change);
    }

    /** Returns what became of a signal about several people. */
    Outcome and(Outcome other) {
        Status more = Stream.of(status, other.status).min(Enum::compareTo).orElse(status);
        return new Outcome(
                more,
                sessions + other.sessions,
                offlineSessions + other.offlineSessions,
                change == AccountChange.NONE ? other.change : change);
    }

    /** Returns the status as metrics have it. */
    String code() {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
