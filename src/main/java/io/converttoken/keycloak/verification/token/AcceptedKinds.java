// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import static io.converttoken.keycloak.reason.Checks.step;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.BackendConfig.AcceptedTokens;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalCredential;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.TokenKind;
import org.keycloak.common.util.Time;

/** Checks whether a backend takes a token of this kind, and whether the caller declared the kind correctly. */
public final class AcceptedKinds {

    private AcceptedKinds() {}

    /**
     * Returns the kind by whose rules the token is to be verified. The backend must take every kind that the token may
     * be.
     *
     * @throws ExternalTokenRefusedException when the backend does not, or when the caller declares another kind
     */
    public static TokenKind require(TokenKinds kinds, ExternalToken token, Backend backend) {
        TokenKind kind = kinds.narrowedTo(token.declaredKind());
        if (!kinds.possible().stream().allMatch(possible -> isAccepted(possible, backend))) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.TOKEN_KIND_NOT_ACCEPTED,
                    Finding.of(() -> backend.config().acceptedTokens().value(), kinds::codes));
        }
        return kind;
    }

    /** Refuses a code where the backend does not take codes. */
    public static Finding requireCode(Backend backend) {
        AcceptedTokens accepted = backend.config().acceptedTokens();
        Finding finding = Finding.of(accepted::value, () -> "a code");
        if (accepted != AcceptedTokens.ANY && accepted != AcceptedTokens.CODE) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_KIND_NOT_ACCEPTED, finding);
        }
        return finding;
    }

    /** Refuses what comes without an ID token where a nonce is sent or required, because only that can carry one. */
    public static Finding requireNoNonce(ExternalCredential withoutIdToken, Backend backend) {
        if (withoutIdToken.nonce().isPresent() || backend.config().requireNonce()) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.NONCE_MISSING, Finding.of(() -> "an ID token", () -> "an access token"));
        }
        return Finding.nothing();
    }

    private static boolean isAccepted(TokenKind kind, Backend backend) {
        return switch (backend.config().acceptedTokens()) {
            case ANY -> true;
            case ID_TOKEN -> kind == TokenKind.ID_TOKEN;
            case ACCESS_TOKEN -> kind == TokenKind.ACCESS_TOKEN;
            case CODE -> false;
        };
    }

    /**
     * Applies the rules that a verifier does not check itself. They are rules of the other kind, for a token that may
     * be of both kinds.
     */
    public static void requireRulesOfTheOther(
            TokenKinds kinds, TokenKind takenFor, TokenClaims claims, Backend backend, Checks checks) {
        if (takenFor == TokenKind.ACCESS_TOKEN && kinds.include(TokenKind.ID_TOKEN)) {
            checks.inOrder(step(
                    Check.AGE,
                    () -> claims.requireIssuedWithin(backend.config().maxTokenAge(), Time.currentTimeSeconds())));
        }
        if (takenFor == TokenKind.ID_TOKEN && kinds.include(TokenKind.ACCESS_TOKEN)) {
            checks.inOrder(
                    step(Check.BINDING, claims::requireBearer),
                    step(Check.ISSUED_TO, () -> claims.requireIssuedTo(backend.ourClientIds())));
        }
    }
}
