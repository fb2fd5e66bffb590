// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.token.NonceCheck;
import io.converttoken.keycloak.verification.token.SignedJwt;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NonceCheckTest {

    private static final String VALUE = "n-0S6_WzA2Mj";
    private static final String HASH = "8e9fa73151f4a8b3f5c1f0a2f9e0a9e9f4b0e6f2f1d3d0c7a5b4c3d2e1f0a9b8";

    @Test
    void plainNonceMatchesItself() {
        assertAccepted(VALUE, VALUE);
    }

    @Test
    void hashMatchesTheValueItWasMadeOf() {
        assertAccepted(sha256(VALUE), VALUE);
    }

    /** Whoever has stolen the token can read it there. */
    @Test
    void hashDoesNotMatchItself() {
        assertRefused(sha256(VALUE), sha256(VALUE), ReasonCode.NONCE_MISMATCH);
        assertRefused(HASH, HASH, ReasonCode.NONCE_MISMATCH);
    }

    @Test
    void whatOnlyResemblesAHashIsPlain() {
        assertAccepted(HASH.toUpperCase(Locale.ROOT), HASH.toUpperCase(Locale.ROOT));
        assertAccepted(HASH.substring(1), HASH.substring(1));
        assertAccepted(HASH + "0", HASH + "0");
        assertAccepted(HASH.substring(1) + "g", HASH.substring(1) + "g");
    }

    @Test
    void plainNonceDoesNotMatchAnother() {
        assertRefused(VALUE, "another", ReasonCode.NONCE_MISMATCH);
        assertRefused(VALUE, sha256(VALUE), ReasonCode.NONCE_MISMATCH);
        assertRefused(sha256(VALUE), "another", ReasonCode.NONCE_MISMATCH);
    }

    @Test
    void nonceThatIsSentMustBeInTheToken() {
        SignedJwt without = jwt("{}");
        assertThat(catchThrowableOfType(
                                ExternalTokenRefusedException.class,
                                () -> NonceCheck.check(without, Optional.of(VALUE), false))
                        .reason()
                        .code())
                .isEqualTo(ReasonCode.NONCE_MISSING);
    }

    @Test
    void nonceIsOnlyNeededWhereItIsRequired() {
        assertThatCode(() -> NonceCheck.check(carrying(VALUE), Optional.empty(), false))
                .doesNotThrowAnyException();
        assertThat(catchThrowableOfType(
                                ExternalTokenRefusedException.class,
                                () -> NonceCheck.check(carrying(VALUE), Optional.empty(), true))
                        .reason()
                        .code())
                .isEqualTo(ReasonCode.NONCE_MISSING);
    }

    private static void assertAccepted(String carried, String sent) {
        assertThatCode(() -> NonceCheck.check(carrying(carried), Optional.of(sent), true))
                .doesNotThrowAnyException();
    }

    private static void assertRefused(String carried, String sent, ReasonCode refusal) {
        assertThat(catchThrowableOfType(
                                ExternalTokenRefusedException.class,
                                () -> NonceCheck.check(carrying(carried), Optional.of(sent), true))
                        .reason()
                        .code())
                .isEqualTo(refusal);
    }

    private static SignedJwt carrying(String nonce) {
        return jwt("{\"nonce\":\"" + nonce + "\"}");
    }

    private static SignedJwt jwt(String claims) {
        String token = encoded("{\"alg\":\"RS256\"}") + "." + encoded(claims) + ".c2ln";
        return SignedJwt.in(token).orElseThrow();
    }

    private static String encoded(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String sha256(String text) {
        try {
            return java.util.HexFormat.of()
                    .formatHex(java.security.MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
