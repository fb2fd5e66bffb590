// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.token.JsonMembers;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.Set;
import org.keycloak.common.util.Time;

/** The checks of what providers answer about their opaque tokens, which most of them name in their own words. */
final class Answered {

    private Answered() {}

    /** Refuses a token that was issued to another application. */
    static Finding requireOurs(JsonNode answer, String member, Set<String> ours) {
        String clientId = answer.path(member).asText();
        Finding finding = Finding.of(() -> ours, () -> clientId);
        if (clientId.isEmpty() || !ours.contains(clientId)) {
            throw new ExternalTokenRefusedException(ReasonCode.AUDIENCE_MISMATCH, finding);
        }
        return finding;
    }

    /** @param expiry seconds since the epoch, if the token expires */
    static Finding requireUnexpired(OptionalLong expiry) {
        long now = Time.currentTimeSeconds();
        Finding finding = Finding.of(
                () -> "now " + Instant.ofEpochSecond(now),
                () -> expiry.isPresent() ? "expiry " + expiry.getAsLong() : "no expiry");
        if (expiry.isPresent() && expiry.getAsLong() <= now) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_EXPIRED, finding);
        }
        return finding;
    }

    /**
     * Refuses a profile of another person than the one to whom the token was issued.
     *
     * @param id the person to whom the token was issued
     */
    static Finding requireSameSubject(String id, JsonNode profile, String member) {
        String found = JsonMembers.requireId(profile, member);
        Finding finding = Finding.of(() -> id, () -> found);
        if (!found.equals(id)) {
            throw new ExternalTokenRefusedException(ReasonCode.SUBJECT_MISMATCH, finding);
        }
        return finding;
    }
}
