// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.time.Duration;
import java.time.Instant;

/** Waiting, because Keycloak compares the times of tokens by the second. */
public final class Seconds {

    private static final Duration BRIEF = Duration.ofSeconds(10);

    private Seconds() {}

    /** What is issued from now on is younger than what was issued before. */
    public static void next() {
        awaitEndOf(Instant.now());
    }

    /** For a token that lives for a second. */
    public static void awaitExpiryOf(String token) {
        awaitEndOf(Instant.ofEpochSecond(Jwts.claims(token).path("exp").asLong()));
    }

    private static void awaitEndOf(Instant time) {
        Await.until("the second is over", BRIEF, () -> Instant.now().getEpochSecond() > time.getEpochSecond());
    }
}
