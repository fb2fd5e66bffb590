// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.keycloak.crypto.Algorithm;
import org.keycloak.jose.jws.crypto.HashUtils;

/**
 * Compares the hashes in an ID token with what came along with it: {@code at_hash} with the access token (OpenID
 * Connect Core, section 3.1.3.8) and {@code c_hash} with the code (section 3.3.2.10). A hash that the token does not
 * carry is not missed, because both are optional where a code is redeemed.
 */
public final class TokenHashes {

    private TokenHashes() {}

    public static Finding requireMatching(SignedJwt idToken, String accessToken, String code) {
        requireHash(idToken, "at_hash", accessToken);
        requireHash(idToken, "c_hash", code);
        return Finding.nothing();
    }

    private static void requireHash(SignedJwt idToken, String claim, String hashed) {
        Optional<String> carried = idToken.claims().text(claim);
        if (carried.isPresent() && !isEqual(carried.get(), hash(idToken.algorithm(), hashed))) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_HASH_MISMATCH, Finding.found(() -> claim));
        }
    }

    private static String hash(String algorithm, String hashed) {
        return HashUtils.accessTokenHash(algorithm.equals(Algorithm.Ed25519) ? Algorithm.EdDSA : algorithm, hashed);
    }

    private static boolean isEqual(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.US_ASCII), b.getBytes(StandardCharsets.US_ASCII));
    }
}
