// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.util.Optional;
import java.util.regex.Pattern;
import org.keycloak.crypto.KeyUse;
import org.keycloak.crypto.KeyWrapper;
import org.keycloak.jose.jwe.JWE;
import org.keycloak.jose.jwe.JWEConstants;
import org.keycloak.jose.jwe.JWEException;
import org.keycloak.models.KeycloakSession;

/**
 * Decrypts what a provider has encrypted for the realm (RFC 7516), with the realm's encryption keys, as Keycloak
 * 26.7.3's {@code OIDCIdentityProvider.parseTokenInput} does. Encryption proves nothing about the content, because
 * anybody can encrypt with the public key.
 */
public final class Decryption {

    /** The number of parts in the compact serialisation (RFC 7516, section 7.1). */
    public static final int PARTS_OF_A_JWE = 5;

    private static final Pattern FIVE_PARTS = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]*){4}");

    private final KeycloakSession session;

    public Decryption(KeycloakSession session) {
        this.session = session;
    }

    /** Returns the content, or nothing if the text is not encrypted, or not encrypted for us. */
    public Optional<String> decrypt(String text) {
        if (!FIVE_PARTS.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            JWE jwe = new JWE(text);
            Optional<Key> key = key(jwe);
            if (key.isEmpty()) {
                return Optional.empty();
            }
            jwe.getKeyStorage().setDecryptionKey(key.get());
            return Optional.of(new String(jwe.verifyAndDecodeJwe().getContent(), StandardCharsets.UTF_8));
        } catch (RuntimeException | JWEException e) {
            // core throws either if it cannot read the text; neither is passed on, because its message might quote the
            // token
            return Optional.empty();
        }
    }

    /**
     * Returns the key that the header names, or the active key of the header's algorithm. There is no key for RSA1_5,
     * because anybody could try here which texts decrypt, as Bleichenbacher did (RFC 8725, section 3.2).
     * {@code KeyManager.getActiveKey} is not used, because it generates a key if there is none, and a request must not
     * make the realm generate keys.
     */
    private Optional<Key> key(JWE jwe) {
        String algorithm = jwe.getHeader().getRawAlgorithm();
        String keyId = jwe.getHeader().getKeyId();
        if (algorithm == null || algorithm.equals(JWEConstants.RSA1_5)) {
            return Optional.empty();
        }
        return session.keys()
                .getKeysStream(session.getContext().getRealm(), KeyUse.ENC, algorithm)
                .filter(key -> keyId == null ? key.getStatus().isActive() : keyId.equals(key.getKid()))
                .findFirst()
                .map(KeyWrapper::getPrivateKey);
    }
}
