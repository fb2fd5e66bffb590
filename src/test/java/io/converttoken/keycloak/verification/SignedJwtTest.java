package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignedJwtTest {

    private static final String HEADER = "{\"alg\":\"RS256\"}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|{\"aud\":\"a\"}|ID_TOKEN",
                "{}|{\"nonce\":\"n\",\"at_hash\":\"h\"}|ID_TOKEN",
                "{\"typ\":\"JWT\"}|{\"typ\":\"ID\"}|ID_TOKEN",
                "{\"typ\":\"JWT\"}|{\"typ\":\"Bearer\"}|ACCESS_TOKEN",
                "{\"typ\":\"at+jwt\"}|{}|ACCESS_TOKEN",
                "{\"typ\":\"application/at+JWT\"}|{}|ACCESS_TOKEN",
                "{}|{\"token_use\":\"id\"}|ID_TOKEN",
                "{}|{\"token_use\":\"access\"}|ACCESS_TOKEN",
                "{}|{\"scope\":\"openid\"}|ACCESS_TOKEN",
                "{}|{\"scp\":[\"openid\"]}|ACCESS_TOKEN",
                "{}|{\"client_id\":\"a\"}|ACCESS_TOKEN"
            })
    void kindIsWhatTheTokenSaysOfItself(String header, String claims, TokenKind kind) {
        assertThat(jwt(header, claims).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"typ\":\"logout+jwt\"}|{}",
                "{\"typ\":\"dpop+jwt\"}|{}",
                "{\"typ\":\"secevent+jwt\"}|{}",
                "{}|{\"typ\":\"Logout\"}",
                "{}|{\"typ\":\"Refresh\"}",
                "{}|{\"typ\":\"Offline\"}",
                "{}|{\"token_use\":\"refresh\"}",
                "{}|{\"events\":{}}",
                "{\"typ\":\"at+jwt\"}|{\"typ\":\"ID\"}"
            })
    void whatIsNeitherIdNorAccessTokenIsRefused(String header, String claims) {
        assertThatThrownBy(() -> jwt(header, claims).kind())
                .isInstanceOfSatisfying(
                        ExternalTokenRefusedException.class,
                        refused -> assertThat(refused.refusal()).isEqualTo(Refusal.UNSUPPORTED_TOKEN));
    }

    @Test
    void tokenThatIsBoundToAKeyIsRefused() {
        assertThatThrownBy(() -> jwt("{\"typ\":\"JWT\"}", "{\"typ\":\"DPoP\"}").kind())
                .isInstanceOfSatisfying(
                        ExternalTokenRefusedException.class,
                        refused -> assertThat(refused.refusal()).isEqualTo(Refusal.SENDER_CONSTRAINED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "eyJ",
                "eyJ.",
                "eyJ..",
                "eyJ.a",
                "eyJhbGciOiJSUzI1NiJ9.e30",
                "eyJhbGciOiJSUzI1NiJ9.e30.a.b.c",
                "eyJhbGciOiJSUzI1NiJ9.e30=.a",
                "eyJhbGciOiJSUzI1NiJ9.e 0.a",
                "eyJhbGciOiJSUzI1NiJ9.W10.a",
                "eyJhbGciOiJSUzI1NiJ9.MQ.a",
                "eyJhbGciOiJSUzI1NiJ9.e30e30.a"
            })
    void whatIsNoJwtIsMalformed(String token) {
        assertMalformed(token);
    }

    @Test
    void claimNamedTwiceIsMalformed() {
        assertMalformed(token(HEADER, "{\"sub\":\"alice\",\"sub\":\"bob\"}"));
        assertMalformed(token("{\"alg\":\"none\",\"alg\":\"RS256\"}", "{}"));
    }

    @Test
    void whatFollowsTheJsonIsMalformed() {
        assertMalformed(token(HEADER, "{} {}"));
    }

    @Test
    void deepNestingIsMalformed() {
        assertMalformed(token(HEADER, "{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}"));
    }

    private static void assertMalformed(String token) {
        assertThatThrownBy(() -> SignedJwt.parse(external(token)))
                .isInstanceOfSatisfying(
                        ExternalTokenRefusedException.class,
                        refused -> assertThat(refused.refusal()).isEqualTo(Refusal.MALFORMED))
                .hasNoCause();
    }

    private static SignedJwt jwt(String header, String claims) {
        return SignedJwt.parse(external(token(header, claims)));
    }

    private static String token(String header, String claims) {
        return encode(header) + "." + encode(claims) + "." + encode("signature");
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static ExternalToken external(String value) {
        return new ExternalToken(value, Optional.empty(), Optional.empty());
    }
}
