// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.keycloak.crypto.JavaAlgorithm;
import org.keycloak.jose.jws.crypto.HashUtils;

/**
 * Compares an ID token's nonce with the nonce that the caller sends (OpenID Connect Core, section 3.1.3.7, step 11).
 * The token may carry the nonce as it is, or as lower-case hexadecimal SHA-256, because native SDKs hand the hash to
 * the provider. A nonce in the token that looks like such a hash is taken for a hash: a thief of the token could send
 * the hash back, but not the nonce from which it was made.
 */
public final class NonceCheck {

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    private NonceCheck() {}

    public static Finding check(SignedJwt idToken, Optional<String> sent, boolean required) {
        Optional<String> carried = idToken.claims().text("nonce");
        if (sent.isEmpty() && !required) {
            return Finding.nothing();
        }
        if (sent.isEmpty()) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.NONCE_MISSING, Finding.found(() -> "a request without nonce"));
        }
        if (carried.isEmpty()) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.NONCE_MISSING, Finding.found(() -> "an ID token without nonce"));
        }
        if (!matches(carried.get(), sent.get())) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.NONCE_MISMATCH, Finding.found(() -> comparison(carried.get(), sent.get())));
        }
        return Finding.nothing();
    }

    /** Says how the nonces differ, and shows neither of them. */
    private static String comparison(String carried, String sent) {
        if (isEqual(carried, sent)) {
            return "the hash of the nonce in the request, which must be the nonce itself";
        }
        if (isEqual(carried, sha256(sha256(sent)))) {
            return "a nonce that was hashed twice";
        }
        return SHA256.matcher(carried).matches()
                ? "an ID token with a hash that is not that of the nonce in the request"
                : "an ID token with a plain nonce that is not the one in the request";
    }

    private static boolean matches(String carried, String sent) {
        return isEqual(carried, SHA256.matcher(carried).matches() ? sha256(sent) : sent);
    }

    private static boolean isEqual(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    private static String sha256(String text) {
        return HexFormat.of().formatHex(HashUtils.hash(JavaAlgorithm.SHA256, text.getBytes(StandardCharsets.UTF_8)));
    }
}
