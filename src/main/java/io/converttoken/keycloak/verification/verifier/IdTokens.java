// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Refusal;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.provider.SignatureVerifier;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.IdTokenRules.AuthorizedParty;
import io.converttoken.keycloak.verification.token.Issuers;
import io.converttoken.keycloak.verification.token.NonceCheck;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import java.util.List;
import org.keycloak.common.util.Time;

/** Proves that an ID token is genuine, valid now and issued to us (OpenID Connect Core, section 3.1.3.7). */
final class IdTokens {

    private final SignatureVerifier signatures;

    IdTokens(ProviderCalls calls) {
        this.signatures = new SignatureVerifier(calls);
    }

    /**
     * Refuses an ID token that the provider did not issue, that is not valid now, too old, not ours, or without the
     * nonce that was sent with it. The claims are checked first, so that the provider's keys are not fetched for a
     * token that is refused anyway.
     */
    void verify(ExternalToken token, SignedJwt jwt, Backend backend, IdTokenRules rules) {
        verifyBesideNonce(jwt, backend, rules);
        NonceCheck.check(jwt, token.nonce(), backend.config().requireNonce());
    }

    void verifyBesideNonce(SignedJwt jwt, Backend backend, IdTokenRules rules) {
        TokenClaims claims = jwt.claims();
        rules.issuer().require(claims);
        claims.requireSubject();
        long now = Time.currentTimeSeconds();
        claims.requireValidAt(now, Issuers.clockSkew(backend.identityProvider()));
        claims.requireIssuedWithin(backend.config().maxTokenAge(), now);
        requireIssuedToUs(claims, rules);
        requireOurAudience(claims, rules);
        signatures.verify(jwt, rules.config());
    }

    private static void requireIssuedToUs(TokenClaims claims, IdTokenRules rules) {
        if (rules.authorizedParty() == AuthorizedParty.OURS) {
            claims.refuseWhereIssuedToAnother(rules.ourClientIds());
        } else {
            claims.refuseWhereIssuedToAnotherBesidesAzp(rules.ourClientIds());
        }
    }

    /**
     * If there are several audiences, the token must say that it was issued to us (step 4), or all of them must be
     * ours.
     */
    private static void requireOurAudience(TokenClaims claims, IdTokenRules rules) {
        List<String> audience = claims.audience();
        if (audience.stream().noneMatch(rules.ourClientIds()::contains)) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_AUDIENCE);
        }
        boolean hasAnother = !rules.ourClientIds().containsAll(audience);
        boolean saysItIsOurs = claims.has("azp") && rules.authorizedParty() == AuthorizedParty.OURS;
        if (hasAnother && !saysItIsOurs) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_AUDIENCE);
        }
    }
}
