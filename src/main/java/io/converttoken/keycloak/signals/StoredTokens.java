// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Predicate;
import org.keycloak.jose.jws.crypto.HashUtils;
import org.keycloak.util.JsonSerialization;

/**
 * Recognises the provider's token that a signal names among those that Keycloak stores with <em>Store tokens</em>. The
 * ways to name a token are those of Google's Cross-Account Protection.
 */
final class StoredTokens {

    private static final String PREFIX = "prefix";
    private static final String TWICE_HASHED = "hash_base64_sha512_sha512";

    /** Whoever knows fewer characters of a token could guess them. */
    private static final int PREFIX_LENGTH = 16;

    private static final String SHA512 = "SHA-512";

    private StoredTokens() {}

    /** Returns what accepts the stored text of the token, or nothing if the way to name it is not known. */
    static Optional<Predicate<String>> sought(Whom.ByToken token) {
        if (token.algorithm().equals(PREFIX) && token.value().length() >= PREFIX_LENGTH) {
            return Optional.of(stored -> refreshToken(stored)
                    .filter(found -> found.startsWith(token.value()))
                    .isPresent());
        }
        if (token.algorithm().equals(TWICE_HASHED)) {
            byte[] hash = token.value().getBytes(StandardCharsets.US_ASCII);
            return Optional.of(stored -> refreshToken(stored)
                    .filter(found -> MessageDigest.isEqual(hash, twiceHashed(found)))
                    .isPresent());
        }
        return Optional.empty();
    }

    private static byte[] twiceHashed(String token) {
        byte[] once = HashUtils.hash(SHA512, token.getBytes(StandardCharsets.UTF_8));
        return Base64.getEncoder().encode(HashUtils.hash(SHA512, once));
    }

    /** Reads the answer of a token endpoint, as Keycloak stores it. */
    private static Optional<String> refreshToken(String stored) {
        try {
            JsonNode answer = JsonSerialization.mapper.readTree(stored);
            return Optional.of(answer.path("refresh_token"))
                    .filter(JsonNode::isTextual)
                    .map(JsonNode::textValue);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
