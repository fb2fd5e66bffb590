// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Refusal;
import io.converttoken.keycloak.verification.TokenKind;
import org.keycloak.common.util.Time;

/** Whether a backend takes a token of this kind, and whether the caller named the kind rightly. */
public final class AcceptedKinds {

    private AcceptedKinds() {}

    /**
     * The kind by whose rules the token is to be verified, where the backend takes every kind that the token may be.
     *
     * @throws ExternalTokenRefusedException when it does not, or when the caller declares another kind
     */
    public static TokenKind require(TokenKinds kinds, ExternalToken token, Backend backend) {
        TokenKind kind = kinds.narrowedTo(token.declaredKind());
        if (!kinds.possible().stream().allMatch(possible -> isAccepted(possible, backend))) {
            throw new ExternalTokenRefusedException(Refusal.KIND_NOT_ACCEPTED);
        }
        boolean nonceInAccessToken =
                token.nonce().isPresent() || backend.config().requireNonce();
        if (kind == TokenKind.ACCESS_TOKEN && nonceInAccessToken) {
            // only an ID token can carry it
            throw new ExternalTokenRefusedException(Refusal.NONCE_MISSING);
        }
        return kind;
    }

    private static boolean isAccepted(TokenKind kind, Backend backend) {
        return switch (backend.config().acceptedTokens()) {
            case ANY -> true;
            case ID_TOKEN -> kind == TokenKind.ID_TOKEN;
            case ACCESS_TOKEN -> kind == TokenKind.ACCESS_TOKEN;
        };
    }

    /** Holds a token to those rules of the kind that it is not taken for, but may be, which a verifier would not ask for. */
    public static void requireRulesOfTheOther(
            TokenKinds kinds, TokenKind takenFor, TokenClaims claims, Backend backend) {
        if (takenFor == TokenKind.ACCESS_TOKEN && kinds.include(TokenKind.ID_TOKEN)) {
            claims.requireIssuedWithin(backend.config().maxTokenAge(), Time.currentTimeSeconds());
        }
        if (takenFor == TokenKind.ID_TOKEN && kinds.include(TokenKind.ACCESS_TOKEN)) {
            claims.requireBearer();
            claims.requireIssuedTo(backend.ourClientIds());
        }
    }
}
