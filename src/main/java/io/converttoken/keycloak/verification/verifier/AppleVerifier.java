// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.net.URI;
import java.util.Optional;
import org.keycloak.broker.oidc.OIDCIdentityProviderFactory;

/**
 * Verifies Apple's identity tokens, for an identity provider of type OpenID Connect. The issuer is a constant, because
 * for days in June 2025 Apple's discovery document named another issuer while the tokens still named this one
 * (<a href="https://developer.apple.com/documentation/signinwithapplerestapi/verifying_a_user">Verifying a user</a>).
 */
public final class AppleVerifier extends IdTokenVerifier {

    private static final String ISSUER = "https://appleid.apple.com";
    private static final String HOST = "appleid.apple.com";
    private static final String JWKS_URL = "https://appleid.apple.com/auth/keys";

    public AppleVerifier(ProviderCalls calls) {
        super(calls);
    }

    public static boolean isFor(Backend backend) {
        return OIDCIdentityProviderFactory.PROVIDER_ID.equals(backend.providerId())
                && isApples(backend.identityProvider().getConfig().get("tokenUrl"));
    }

    @Override
    public Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        IdTokenRules rules = rules(backend);
        if (isOfOldDevice(jwt) && !backend.config().requireNonce()) {
            idTokens.verifyBesideNonce(jwt, backend, rules);
        } else {
            idTokens.verify(token, jwt, backend, rules);
        }
        return new Proof(OpenIdConnectIdentity.ofIdToken(calls, backend.identityProvider(), token), TokenUse.of(jwt));
    }

    @Override
    IdTokenRules rules(Backend backend) {
        return IdTokenRules.pinned(backend, JWKS_URL, IdTokenRules.issuer(ISSUER));
    }

    /** Returns whether Apple says, as text or as a boolean, that the device cannot carry a nonce. */
    private static boolean isOfOldDevice(SignedJwt jwt) {
        return !jwt.claims().has("nonce")
                && jwt.claims().json().path("nonce_supported").asText().equals("false");
    }

    private static boolean isApples(@org.jspecify.annotations.Nullable String url) {
        try {
            return Optional.ofNullable(url)
                    .map(URI::create)
                    .map(URI::getHost)
                    .filter(HOST::equalsIgnoreCase)
                    .isPresent();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
