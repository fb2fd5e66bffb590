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
 * Opens what a provider has encrypted for the realm (RFC 7516), by the realm's keys for encryption, as Keycloak 26.7.3's {@code
 * OIDCIdentityProvider.parseTokenInput} does. Whoever knows the public key can encrypt: the content is no better than it
 * would be by itself.
 */
public final class Decryption {

    /** Of the compact serialisation (RFC 7516, section 7.1). */
    public static final int PARTS_OF_A_JWE = 5;

    private static final Pattern FIVE_PARTS = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]*){4}");

    private final KeycloakSession session;

    public Decryption(KeycloakSession session) {
        this.session = session;
    }

    /** The content; nothing where the text is not encrypted, or not for us. */
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
            // core throws either for what it cannot read; not as a cause: it might quote the token
            return Optional.empty();
        }
    }

    /**
     * The key that the header names, or the active one of its algorithm. None for RSA1_5: here anybody may try what decrypts
     * and what does not, as Bleichenbacher did (RFC 8725, section 3.2). Not by {@code KeyManager.getActiveKey}, which generates
     * a key where there is none: nobody makes the realm a key by sending something.
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
