// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.TokenResponse;
import io.converttoken.keycloak.verification.token.SignedJwt;
import java.util.Optional;

/**
 * What a provider gave for a code. Nothing of it is verified.
 *
 * @param tokens the answer of the token endpoint
 * @param idToken the ID token in it, if there is one
 */
public record RedeemedCode(TokenResponse tokens, Optional<ReadIdToken> idToken) {

    /**
     * An ID token that can be read.
     *
     * @param token the token, decrypted if the provider had encrypted it, with the nonce that the caller sent
     * @param jwt its parts
     */
    public record ReadIdToken(ExternalToken token, SignedJwt jwt) {

        @Override
        public String toString() {
            return "ReadIdToken[redacted]";
        }
    }

    /** @throws ExternalTokenRefusedException when the provider gave no ID token */
    ReadIdToken requireIdToken() {
        return idToken.orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.ID_TOKEN_MISSING));
    }

    /** Returns the access token as one that is to be verified. */
    public ExternalToken accessToken() {
        return new ExternalToken(tokens.accessToken(), Optional.empty(), Optional.empty());
    }
}
