// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.Refusal;
import io.converttoken.keycloak.verification.token.SignedJwt;

/**
 * Proves external tokens of one kind of provider: each method returns the person that the token names, where it is
 * genuine, valid now and issued to us, and otherwise throws {@link ExternalTokenRefusedException}, or
 * {@link ProviderUnavailableException} where the provider cannot be asked. What a provider does not offer is refused.
 */
public interface ExternalTokenVerifier {

    default Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        throw new ExternalTokenRefusedException(Refusal.UNSUPPORTED_TOKEN);
    }

    /** To most providers their own access tokens are opaque, JWT or not. */
    default Proof verifyJwtAccessToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        return verifyOpaqueToken(token, backend);
    }

    default Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        throw new ExternalTokenRefusedException(Refusal.UNSUPPORTED_TOKEN);
    }
}
