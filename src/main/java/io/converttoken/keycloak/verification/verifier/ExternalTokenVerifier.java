// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.Refusal;
import io.converttoken.keycloak.verification.token.SignedJwt;

/**
 * Proves external tokens of one type of provider. Each method returns the person whom the token names, if the token is
 * genuine, valid now and issued to us. Otherwise it throws {@link ExternalTokenRefusedException}, or
 * {@link ProviderUnavailableException} if the provider cannot be asked. A kind of token that the provider does not
 * offer is refused.
 */
public interface ExternalTokenVerifier {

    default Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        throw new ExternalTokenRefusedException(Refusal.UNSUPPORTED_TOKEN);
    }

    /**
     * Verifies the token as an opaque one, because most providers treat their own access tokens as opaque, JWT or not.
     */
    default Proof verifyJwtAccessToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        return verifyOpaqueToken(token, backend);
    }

    default Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        throw new ExternalTokenRefusedException(Refusal.UNSUPPORTED_TOKEN);
    }
}
