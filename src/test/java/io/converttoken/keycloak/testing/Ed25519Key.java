// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Map;

/** A provider's Ed25519 key (RFC 8037). */
public record Ed25519Key(String keyId, KeyPair pair) {

    private static final int LENGTH = 32;

    public static Ed25519Key generate(String keyId) {
        try {
            return new Ed25519Key(keyId, KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As it stands in a key set (RFC 8037, section 2). */
    public Map<String, Object> published(String algorithm) {
        byte[] encoded = pair.getPublic().getEncoded();
        byte[] point = Arrays.copyOfRange(encoded, encoded.length - LENGTH, encoded.length);
        return Map.of(
                "kty", "OKP", "crv", "Ed25519", "use", "sig", "alg", algorithm, "kid", keyId, "x", Jwts.encode(point));
    }

    byte[] sign(byte[] input) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(pair.getPrivate());
            signature.update(input);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
