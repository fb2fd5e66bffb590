// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.RSAKey;
import java.text.ParseException;
import java.util.stream.StreamSupport;

/** Encrypted tokens (RFC 7516), which whoever knows the public key can make. */
public final class Jwes {

    private Jwes() {}

    /** The key that the realm publishes for what is encrypted for it. */
    public static RSAKey encryptionKey(TestRealm realm) {
        JsonNode keys = realm.call("/protocol/openid-connect/certs")
                .get()
                .expect(200)
                .json()
                .path("keys");
        return StreamSupport.stream(keys.spliterator(), false)
                .filter(key -> key.path("use").asText().equals("enc"))
                .findFirst()
                .map(Jwes::parse)
                .orElseThrow(() -> new AssertionError("The realm publishes no key for encryption"));
    }

    /** By RSA-OAEP and A256GCM, with the key's id in the header. */
    public static String encrypt(String content, RSAKey key) {
        return encrypt(content, key, JWEAlgorithm.parse("RSA-OAEP"));
    }

    public static String encrypt(String content, RSAKey key, JWEAlgorithm algorithm) {
        return encrypt(
                content,
                key,
                new JWEHeader.Builder(algorithm, EncryptionMethod.A256GCM)
                        .keyID(key.getKeyID())
                        .build());
    }

    /** Without a word about which key it is. */
    public static String encryptNamingNoKey(String content, RSAKey key, JWEAlgorithm algorithm) {
        return encrypt(content, key, new JWEHeader.Builder(algorithm, EncryptionMethod.A256GCM).build());
    }

    private static String encrypt(String content, RSAKey key, JWEHeader header) {
        try {
            JWEObject encrypted = new JWEObject(header, new Payload(content));
            encrypted.encrypt(new RSAEncrypter(key));
            return encrypted.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RSAKey parse(JsonNode key) {
        try {
            return RSAKey.parse(key.toString());
        } catch (ParseException e) {
            throw new IllegalStateException(e);
        }
    }
}
