// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Refusal;
import io.converttoken.keycloak.verification.TokenKind;
import org.keycloak.common.util.Time;

/** Checks whether a backend takes a token of this kind, and whether the caller declared the kind correctly. */
public final class AcceptedKinds {

    private AcceptedKinds() {}

    /**
     * Returns the kind by whose rules the token is to be verified. The backend must take every kind that the token may
     * be.
     *
     * @throws ExternalTokenRefusedException when the backend does not, when the caller declares another kind, or when
     *     an access token needs a nonce
     */
    public static TokenKind require(TokenKinds kinds, ExternalToken token, Backend backend) {
        TokenKind kind = kinds.narrowedTo(token.declaredKind());
        if (!kinds.possible().stream().allMatch(possible -> isAccepted(possible, backend))) {
            throw new ExternalTokenRefusedException(Refusal.KIND_NOT_ACCEPTED);
        }
        boolean nonceInAccessToken =
                token.nonce().isPresent() || backend.config().requireNonce();
        if (kind == TokenKind.ACCESS_TOKEN && nonceInAccessToken) {
            // only an ID token can carry a nonce
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

    /**
     * Applies the rules that a verifier does not check itself. They are rules of the other kind, for a token that may
     * be of both kinds.
     */
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
