// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.http.InvalidParameterException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.keycloak.common.util.Time;

/** Reads when something happened. */
final class SignalTimes {

    /** By how much a provider's clock may be ahead of ours. */
    private static final Duration TOLERANCE = Duration.ofSeconds(30);

    /** A number of seconds that is larger than this is one of milliseconds: it would be in the year 5138. */
    private static final long MOST_SECONDS = 100_000_000_000L;

    private SignalTimes() {}

    /**
     * Returns when it happened: what the event says, but not later than it was signed, and not later than now, so that
     * a signal that is sent again ends nothing that began after it.
     *
     * @param event the event, which may have a time of its own
     * @param members the members of the event that may hold the time
     * @param signed when the signal was signed
     * @throws InvalidParameterException when it does not say when it was signed, because it could then be sent again at any
     *     time; or when it was signed later than our clock and the tolerance allow
     */
    static Instant happened(JsonNode event, Stream<String> members, Optional<Instant> signed) {
        Instant now = now();
        Instant latest = signed.orElseThrow(() -> NotUnderstood.because("no time of its signature"));
        if (latest.isAfter(now.plus(TOLERANCE))) {
            throw NotUnderstood.because("signed in the future");
        }
        return Stream.concat(
                        members.flatMap(member -> read(event.path(member)).stream())
                                .limit(1),
                        Stream.of(latest, now))
                .min(Instant::compareTo)
                .orElse(now);
    }

    /** Returns a time in seconds or milliseconds since 1970. */
    static Optional<Instant> read(JsonNode time) {
        if (!time.isNumber() || !time.canConvertToLong() || time.longValue() < 0) {
            return Optional.empty();
        }
        long value = time.longValue();
        return Optional.of(value > MOST_SECONDS ? Instant.ofEpochMilli(value) : Instant.ofEpochSecond(value));
    }

    static Instant now() {
        return Instant.ofEpochMilli(Time.currentTimeMillis());
    }
}
