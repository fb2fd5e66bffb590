package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.IdTokenRules.AuthorizedParty;
import java.util.List;
import org.keycloak.common.util.Time;
import org.keycloak.models.KeycloakSession;

/** Proves that an ID token is genuine, valid now and issued to us (OpenID Connect Core, section 3.1.3.7). */
final class IdTokens {

    private final SignatureVerifier signatures;

    IdTokens(KeycloakSession session) {
        this.signatures = new SignatureVerifier(session);
    }

    /**
     * Refuses an ID token that the provider did not issue, that is not valid now, too old, not ours, or without the nonce
     * that was sent with it. The claims are looked at first: the provider's keys are not fetched for what can not be.
     */
    void verify(ExternalToken token, SignedJwt jwt, Backend backend, IdTokenRules rules) {
        verifyBesideNonce(jwt, backend, rules);
        NonceCheck.check(jwt, token.nonce(), backend.config().requireNonce());
    }

    void verifyBesideNonce(SignedJwt jwt, Backend backend, IdTokenRules rules) {
        TokenClaims claims = jwt.claims();
        rules.issuer().require(claims);
        claims.requireSubject();
        claims.requireValidAt(Time.currentTimeSeconds(), Issuers.clockSkew(rules.config()));
        requireAge(claims, backend.config().maxTokenAge());
        requireAuthorizedParty(claims, rules);
        requireOurAudience(claims, rules);
        signatures.verify(jwt, rules.config());
    }

    private static void requireAge(TokenClaims claims, long maxTokenAge) {
        long issued = claims.time("iat").orElseThrow(() -> new ExternalTokenRefusedException(Refusal.NO_ISSUE_TIME));
        if (maxTokenAge > 0 && Time.currentTimeSeconds() - issued > maxTokenAge) {
            throw new ExternalTokenRefusedException(Refusal.TOO_OLD);
        }
    }

    private static void requireAuthorizedParty(TokenClaims claims, IdTokenRules rules) {
        boolean isAnother = claims.text("azp")
                .filter(azp -> !rules.ourClientIds().contains(azp))
                .isPresent();
        if (isAnother && rules.authorizedParty() == AuthorizedParty.OURS) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_AUDIENCE);
        }
    }

    /** With several audiences, the token must say that it was issued to us (step 4), or all of them must be ours. */
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
