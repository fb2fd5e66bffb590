// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import static io.converttoken.keycloak.reason.Checks.step;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.provider.SignatureVerifier;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.IdTokenRules.AuthorizedParty;
import io.converttoken.keycloak.verification.token.Issuers;
import io.converttoken.keycloak.verification.token.NonceCheck;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import java.util.List;
import java.util.function.Supplier;
import org.keycloak.common.util.Time;

/** Proves that an ID token is genuine, valid now and issued to us (OpenID Connect Core, section 3.1.3.7). */
final class IdTokens {

    private final Checks checks;
    private final SignatureVerifier signatures;

    IdTokens(ProviderCalls calls) {
        this.checks = calls.checks();
        this.signatures = new SignatureVerifier(calls);
    }

    /**
     * Refuses an ID token that the provider did not issue, that is not valid now, too old, not ours, or without the
     * nonce that was sent with it. The claims are checked first, so that the provider's keys are not fetched for a
     * token that is refused anyway.
     */
    void verify(ExternalToken token, SignedJwt jwt, Backend backend, IdTokenRules rules) {
        boolean isNonceRequired = backend.config().requireNonce();
        verify(jwt, backend, rules, () -> NonceCheck.check(jwt, token.nonce(), isNonceRequired));
    }

    void verifyBesideNonce(SignedJwt jwt, Backend backend, IdTokenRules rules) {
        verify(jwt, backend, rules, Finding::nothing);
    }

    private void verify(SignedJwt jwt, Backend backend, IdTokenRules rules, Supplier<Finding> nonce) {
        TokenClaims claims = jwt.claims();
        long now = Time.currentTimeSeconds();
        int skew = Issuers.clockSkew(backend.identityProvider());
        checks.inOrder(
                step(Check.ISSUER, () -> rules.issuer().require(claims)),
                step(Check.SUBJECT, claims::checkSubject),
                step(Check.VALIDITY, () -> claims.requireValidAt(now, skew)),
                step(
                        Check.AGE,
                        () -> claims.requireIssuedWithin(backend.config().maxTokenAge(), now)),
                step(Check.ISSUED_TO, () -> requireIssuedToUs(claims, rules)),
                step(Check.AUDIENCE, () -> requireOurAudience(claims, rules)),
                step(Check.SIGNATURE, () -> signatures.verify(jwt, rules.config())),
                step(Check.NONCE, nonce));
    }

    private static Finding requireIssuedToUs(TokenClaims claims, IdTokenRules rules) {
        return rules.authorizedParty() == AuthorizedParty.OURS
                ? claims.refuseWhereIssuedToAnother(rules.ourClientIds())
                : claims.refuseWhereIssuedToAnotherBesidesAzp(rules.ourClientIds());
    }

    /**
     * If there are several audiences, the token must say that it was issued to us (step 4), or all of them must be
     * ours.
     */
    private static Finding requireOurAudience(TokenClaims claims, IdTokenRules rules) {
        List<String> audience = claims.audience();
        Finding finding = Finding.of(rules::ourClientIds, () -> audience);
        if (audience.stream().noneMatch(rules.ourClientIds()::contains)) {
            throw new ExternalTokenRefusedException(ReasonCode.AUDIENCE_MISMATCH, finding);
        }
        boolean hasAnother = !rules.ourClientIds().containsAll(audience);
        boolean saysItIsOurs = claims.has("azp") && rules.authorizedParty() == AuthorizedParty.OURS;
        if (hasAnother && !saysItIsOurs) {
            throw new ExternalTokenRefusedException(ReasonCode.AUDIENCE_MISMATCH, finding);
        }
        return finding;
    }
}
