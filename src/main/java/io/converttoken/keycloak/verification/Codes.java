// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static io.converttoken.keycloak.reason.Checks.step;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.provider.CodeClient;
import io.converttoken.keycloak.verification.provider.CodeRedemption;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.provider.TokenResponse;
import io.converttoken.keycloak.verification.token.AcceptedKinds;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenHashes;
import io.converttoken.keycloak.verification.verifier.ExternalTokenVerifier;
import io.converttoken.keycloak.verification.verifier.Proof;
import io.converttoken.keycloak.verification.verifier.RedeemedCode;
import io.converttoken.keycloak.verification.verifier.RedeemedCode.ReadIdToken;
import java.util.List;
import java.util.Optional;

/**
 * Redeems a code with our credentials, once, and verifies what the provider gives for it. All that can be refused
 * without the provider is refused before, so that such a code is not lost.
 */
final class Codes {

    private final ProviderCalls calls;
    private final Checks checks;

    Codes(ProviderCalls calls) {
        this.calls = calls;
        this.checks = calls.checks();
    }

    /**
     * Returns the person who signed in at the provider to get the code.
     *
     * @throws ExternalTokenRefusedException when the provider does not take the code, or what it gives for it proves
     *     nobody
     * @throws ProviderUnavailableException when the provider cannot be asked
     */
    Proof verify(AuthorizationCode code, Backend backend, ExternalTokenVerifier verifier) {
        checks.inOrder(
                step(Check.KIND, () -> AcceptedKinds.requireCode(backend)),
                step(Check.FORMAT, () -> ExternalTokenVerifiers.requireWellFormed(code)));
        CodeClient client = checks.make(
                Check.CONFIGURATION,
                () -> verifier.codeClient(code, backend)
                        .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.CODE_UNSUPPORTED)));
        TokenResponse tokens = checks.make(
                Check.CODE,
                () -> new UsedCodes(calls.session())
                        .once(code, backend, () -> new CodeRedemption(calls).redeem(code, client)));
        RedeemedCode redeemed = new RedeemedCode(tokens, tokens.idToken().map(text -> read(text, code, backend)));
        if (redeemed.idToken().isEmpty()) {
            checks.inOrder(step(Check.NONCE, () -> AcceptedKinds.requireNoNonce(code, backend)));
        }
        Proof proof = verifier.verifyRedeemed(redeemed, backend);
        redeemed.idToken().ifPresent(idToken -> requireOfThisCode(idToken.jwt(), tokens, code, client));
        return proof;
    }

    private ReadIdToken read(String idToken, AuthorizationCode code, Backend backend) {
        return checks.make(Check.FORMAT, () -> {
            Optional<TokenKind> kind = Optional.of(TokenKind.ID_TOKEN);
            ExternalToken readable =
                    ExternalTokenVerifiers.readable(new ExternalToken(idToken, kind, code.nonce()), calls);
            SignedJwt jwt = SignedJwt.in(readable.value())
                    .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.TOKEN_MALFORMED));
            jwt.kinds(backend.ourClientIds()).narrowedTo(kind);
            return new ReadIdToken(readable, jwt);
        });
    }

    /** Refuses an ID token that was not given to the client that redeemed the code, or not along with the tokens. */
    private void requireOfThisCode(SignedJwt idToken, TokenResponse tokens, AuthorizationCode code, CodeClient client) {
        checks.inOrder(
                step(Check.AUDIENCE, () -> requireAudience(idToken, client)),
                step(Check.TOKEN_HASH, () -> TokenHashes.requireMatching(idToken, tokens.accessToken(), code.value())));
    }

    private static Finding requireAudience(SignedJwt idToken, CodeClient client) {
        List<String> audience = idToken.claims().audience();
        Finding finding = Finding.of(client::clientId, () -> audience);
        if (!audience.contains(client.clientId())) {
            throw new ExternalTokenRefusedException(ReasonCode.AUDIENCE_MISMATCH, finding);
        }
        return finding;
    }
}
