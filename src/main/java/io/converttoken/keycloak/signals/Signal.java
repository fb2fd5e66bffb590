// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import java.time.Instant;
import java.util.Optional;

/**
 * What a provider has told, proven to be the provider's own words.
 *
 * @param kind in which form it came
 * @param type the provider's own name for what has happened
 * @param meaning what follows from it
 * @param whom whom it is about; nobody if nothing follows from it
 * @param upstreamSession the session at the provider that has ended, if it is a single one
 * @param happened when it happened
 * @param digest what tells this signal from all others, and a repetition from a new one
 */
record Signal(
        Kind kind,
        String type,
        Meaning meaning,
        Optional<Whom> whom,
        Optional<String> upstreamSession,
        Instant happened,
        String digest) {

    private static final int MAX_TYPE_LENGTH = 200;

    Signal {
        type = type.length() > MAX_TYPE_LENGTH ? type.substring(0, MAX_TYPE_LENGTH) : type;
    }

    /** Returns a signal about all sessions of a person. */
    static Signal of(Kind kind, String type, Meaning meaning, Optional<Whom> whom, Instant happened, String digest) {
        return new Signal(kind, type, meaning, whom, Optional.empty(), happened, digest);
    }
}
