package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.backend.Backend;

/**
 * Proves external tokens of one kind of provider: each method returns the person that the token names, where it is
 * genuine, valid now and issued to us, and otherwise throws {@link ExternalTokenRefusedException}, or
 * {@link ProviderUnavailableException} where the provider can not be asked. What a provider does not offer is refused.
 */
interface ExternalTokenVerifier {

    default VerifiedIdentity verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        throw new ExternalTokenRefusedException(Refusal.UNSUPPORTED_TOKEN);
    }

    /** To most providers their own access tokens are opaque, JWT or not. */
    default VerifiedIdentity verifyJwtAccessToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        return verifyOpaqueToken(token, backend);
    }

    default VerifiedIdentity verifyOpaqueToken(ExternalToken token, Backend backend) {
        throw new ExternalTokenRefusedException(Refusal.UNSUPPORTED_TOKEN);
    }
}
