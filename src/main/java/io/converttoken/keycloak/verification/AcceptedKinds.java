package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.backend.Backend;

/** Whether a backend takes tokens of a kind, and whether the caller named the kind rightly. */
final class AcceptedKinds {

    private AcceptedKinds() {}

    static void require(TokenKind kind, ExternalToken token, Backend backend) {
        if (token.declaredKind().filter(declared -> declared != kind).isPresent()) {
            throw new ExternalTokenRefusedException(Refusal.KIND_MISMATCH);
        }
        boolean accepted = switch (backend.config().acceptedTokens()) {
            case ANY -> true;
            case ID_TOKEN -> kind == TokenKind.ID_TOKEN;
            case ACCESS_TOKEN -> kind == TokenKind.ACCESS_TOKEN;
        };
        if (!accepted) {
            throw new ExternalTokenRefusedException(Refusal.KIND_NOT_ACCEPTED);
        }
        boolean nonceInAccessToken =
                token.nonce().isPresent() || backend.config().requireNonce();
        if (kind == TokenKind.ACCESS_TOKEN && nonceInAccessToken) {
            // only an ID token can carry it
            throw new ExternalTokenRefusedException(Refusal.NONCE_MISSING);
        }
    }
}
