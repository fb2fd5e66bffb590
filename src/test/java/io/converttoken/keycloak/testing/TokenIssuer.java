// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.RSAKey;
import java.util.Base64;
import java.util.Map;

/** Whoever signs the tokens that a {@link JwtBuilder} makes, and remembers them. */
public interface TokenIssuer {

    /** The issuer that its tokens name. */
    String issuer();

    /** The RSA key that signs now, with its private part. */
    RSAKey key();

    /** Our own client secret there. */
    String clientSecret();

    /** From here on the issuer knows an access token, what introspection says of it, and whose profile it opens. */
    void issue(String token, Map<String, Object> introspectionAnswer, Map<String, Object> profile);

    /** The public key as an identity provider's {@code publicKeySignatureVerifier} wants it. */
    default String publicKeyPem() {
        return "-----BEGIN PUBLIC KEY-----\n" + Base64.getEncoder().encodeToString(publicKeyDer())
                + "\n-----END PUBLIC KEY-----";
    }

    /** The public key's X.509 encoding. */
    default byte[] publicKeyDer() {
        try {
            return key().toRSAPublicKey().getEncoded();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
