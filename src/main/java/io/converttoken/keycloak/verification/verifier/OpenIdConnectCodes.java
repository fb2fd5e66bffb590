// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import static io.converttoken.keycloak.reason.Checks.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.provider.SignatureVerifier;
import io.converttoken.keycloak.verification.provider.UserInfo;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenUse;
import io.converttoken.keycloak.verification.verifier.RedeemedCode.ReadIdToken;
import java.util.Optional;
import org.keycloak.broker.oidc.KeycloakOIDCIdentityProviderFactory;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;

/**
 * Verifies what an OpenID provider gives for a code: the ID token by the provider's rules, and then all that a browser
 * login looks at, which is the profile and, for mappers of roles, the access token.
 */
final class OpenIdConnectCodes {

    private final ProviderCalls calls;
    private final Checks checks;

    OpenIdConnectCodes(ProviderCalls calls) {
        this.calls = calls;
        this.checks = calls.checks();
    }

    Proof verify(RedeemedCode redeemed, Backend backend, IdTokenVerifier verifier) {
        ReadIdToken idToken = redeemed.requireIdToken();
        verifier.verifyIdToken(idToken.token(), idToken.jwt(), backend);
        Optional<ExternalToken> accessToken = accessToken(redeemed, backend, verifier);
        Optional<JsonNode> profile =
                verifier.userInfoUrl(backend).map(url -> profile(url, redeemed, idToken.jwt(), backend));
        return new Proof(
                OpenIdConnectIdentity.ofTokens(
                        calls, backend.identityProvider(), redeemed.tokens(), idToken.token(), accessToken, profile),
                TokenUse.of(idToken.jwt()));
    }

    /** Returns the access token, verified, where the browser login lets mappers read it. */
    private Optional<ExternalToken> accessToken(RedeemedCode redeemed, Backend backend, IdTokenVerifier verifier) {
        boolean isRead = backend.providerId().equals(KeycloakOIDCIdentityProviderFactory.PROVIDER_ID)
                || new OIDCIdentityProviderConfig(backend.identityProvider()).isAccessTokenJwt();
        if (!isRead) {
            return Optional.empty();
        }
        ExternalToken accessToken = redeemed.accessToken();
        SignedJwt jwt = SignedJwt.in(accessToken.value())
                .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.TOKEN_MALFORMED));
        checks.inOrder(step(
                Check.SIGNATURE,
                () -> new SignatureVerifier(calls)
                        .verify(jwt, verifier.rules(backend).config())));
        return Optional.of(accessToken);
    }

    private JsonNode profile(String url, RedeemedCode redeemed, SignedJwt idToken, Backend backend) {
        JsonNode profile = checks.make(
                Check.PROFILE,
                () -> new UserInfo(calls)
                        .fetch(url, redeemed.accessToken(), backend)
                        .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.PROFILE_MISSING)));
        checks.inOrder(step(
                Check.SAME_SUBJECT,
                () -> Answered.requireSameSubject(idToken.claims().requireSubject(), profile, "sub")));
        return profile;
    }
}
