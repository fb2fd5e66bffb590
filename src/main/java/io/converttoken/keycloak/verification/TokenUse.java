package io.converttoken.keycloak.verification;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import org.keycloak.crypto.JavaAlgorithm;
import org.keycloak.jose.jws.crypto.HashUtils;

/**
 * What must be remembered of a token so that it converts only once.
 *
 * @param digest of what the provider signed, or of the whole token where it is opaque: the text of an ECDSA signature can
 *     be changed without invalidating it, so that it must not be part of the digest
 * @param expiry seconds since the epoch, where it is known
 */
record TokenUse(String digest, OptionalLong expiry) {

    /** The store counts in milliseconds, which a later expiry would overflow: the token would be forgotten at once. */
    TokenUse {
        expiry = expiry.isPresent() ? OptionalLong.of(Math.min(expiry.getAsLong(), TokenClaims.END_OF_TIME)) : expiry;
    }

    static TokenUse of(SignedJwt jwt) {
        return new TokenUse(sha256(jwt.signingInput()), jwt.claims().time("exp"));
    }

    static TokenUse ofIntrospected(ExternalToken token, OptionalLong expiry) {
        boolean isSigned = SignedJwt.looksLike(token);
        String signed = isSigned ? token.value().substring(0, token.value().lastIndexOf('.')) : token.value();
        return new TokenUse(sha256(signed), expiry);
    }

    /** Of the very characters: what one caller is told of a token holds for no other one. */
    static String digestOf(ExternalToken token) {
        return sha256(token.value());
    }

    private static String sha256(String text) {
        return HexFormat.of().formatHex(HashUtils.hash(JavaAlgorithm.SHA256, text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Seconds until the token can not be accepted any more, clock skew included. */
    Optional<Long> remaining(long now) {
        return expiry.isPresent()
                ? Optional.of(Math.max(1, expiry.getAsLong() + TokenClaims.MAX_CLOCK_SKEW - now))
                : Optional.empty();
    }
}
