// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import io.converttoken.keycloak.verification.ExternalToken;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.keycloak.crypto.JavaAlgorithm;
import org.keycloak.jose.jws.crypto.HashUtils;

/**
 * What must be remembered of a token so that it converts only once.
 *
 * @param digest the digest of what the provider signed, or of the whole token if it is opaque. The signature is not
 *     part of it, because the text of an ECDSA signature can be changed and still be valid
 * @param expiry seconds since the epoch, if the expiry is known
 */
public record TokenUse(String digest, OptionalLong expiry) {

    /**
     * Limits the expiry, because the store counts in milliseconds. A later expiry would overflow, and the token would
     * be forgotten at once.
     */
    public TokenUse {
        expiry = expiry.isPresent() ? OptionalLong.of(Math.min(expiry.getAsLong(), TokenClaims.END_OF_TIME)) : expiry;
    }

    public static TokenUse of(SignedJwt jwt) {
        return new TokenUse(sha256(jwt.signingInput()), jwt.claims().time("exp"));
    }

    public static TokenUse expiring(ExternalToken token, OptionalLong expiry) {
        String signed = SignedJwt.in(token.value())
                .map(SignedJwt::signingInput)
                .or(() -> canonicalJwe(token.value()))
                .orElse(token.value());
        return new TokenUse(sha256(signed), expiry);
    }

    /**
     * Decodes the parts, because in base64url the last character of a part can be changed without changing the bytes.
     */
    private static Optional<String> canonicalJwe(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != Decryption.PARTS_OF_A_JWE) {
            return Optional.empty();
        }
        try {
            return Optional.of(Arrays.stream(parts)
                    .map(part -> HexFormat.of().formatHex(Base64.getUrlDecoder().decode(part)))
                    .collect(Collectors.joining(".")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Returns the digest of the token exactly as it was sent, because a remembered refusal must not hold for another
     * text.
     */
    public static String digestOf(ExternalToken token) {
        return sha256(token.value());
    }

    /** Returns the digest of a text. */
    public static String digestOf(String text) {
        return sha256(text);
    }

    private static String sha256(String text) {
        return HexFormat.of().formatHex(HashUtils.hash(JavaAlgorithm.SHA256, text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Returns the seconds until no node accepts the token any more, or nothing if the expiry is not known.
     *
     * @param now seconds since the epoch
     * @param skew by how many seconds the identity provider allows the clocks to differ
     */
    public Optional<Long> remaining(long now, int skew) {
        return expiry.isPresent()
                ? Optional.of(Math.max(1, expiry.getAsLong() + skew + TokenClaims.CLOCK_TOLERANCE - now))
                : Optional.empty();
    }
}
