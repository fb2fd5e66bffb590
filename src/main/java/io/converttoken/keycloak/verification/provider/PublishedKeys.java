// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.token.TokenClaims;
import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.common.util.Time;
import org.keycloak.crypto.KeyWrapper;
import org.keycloak.crypto.PublicKeysWrapper;

/** The keys that a provider publishes at this moment, whatever Keycloak's cache has. */
public final class PublishedKeys {

    private final ProviderCalls calls;
    private final OIDCIdentityProviderConfig config;
    private Optional<String> date = Optional.empty();

    public PublishedKeys(ProviderCalls calls, OIDCIdentityProviderConfig config) {
        this.calls = calls;
        this.config = config;
    }

    /** Loads the keys, and refuses a set without a key for signatures. */
    public Finding requireUsable() {
        if (!SignatureVerifier.hasKeys(config)) {
            throw new ExternalTokenRefusedException(ReasonCode.KEYS_NOT_CONFIGURED);
        }
        if (!config.isUseJwksUrl()) {
            return Finding.found(() -> "a key, or a key set, in the identity provider's page");
        }
        String url = config.getJwksUrl();
        ProviderCalls.DatedAnswer answer = calls.getDatedKeys(url);
        date = answer.date();
        PublicKeysWrapper keys = ProviderKeys.keys(url, answer.body());
        String address = CallFailure.address(url);
        if (keys.getKeys().isEmpty()) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.KEYS_UNREADABLE, Finding.found(() -> address + ": no key for signatures"));
        }
        return Finding.found(() -> address + ": " + keys.getKeys().size() + " keys, " + algorithms(keys.getKeys())
                + "; loaded again when a token names another key");
    }

    /** Refuses a clock that differs by more than tokens may. Does nothing if the keys were not loaded before. */
    public Finding requireSameTime() {
        Optional<Long> difference = date.flatMap(PublishedKeys::difference);
        Finding finding = Finding.of(
                () -> "at most " + TokenClaims.CLOCK_TOLERANCE + " s",
                () -> difference.map(seconds -> seconds + " s").orElse("unknown"));
        if (difference.isPresent() && Math.abs(difference.get()) > TokenClaims.CLOCK_TOLERANCE) {
            throw new ExternalTokenRefusedException(ReasonCode.CLOCK_DIFFERS, finding);
        }
        return finding;
    }

    /** Returns by how many seconds the provider's clock is ahead of ours (RFC 9110, section 6.6.1). */
    private static Optional<Long> difference(String date) {
        try {
            ZonedDateTime theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
            return Optional.of(theirs.toEpochSecond() - Time.currentTimeSeconds());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String algorithms(Collection<KeyWrapper> keys) {
        return keys.stream()
                .map(KeyWrapper::getAlgorithm)
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(TreeSet::new))
                .toString();
    }
}
