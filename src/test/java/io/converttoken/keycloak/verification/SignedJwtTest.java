package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedJwtTest {

    private static final String HEADER = "{\"alg\":\"RS256\"}";

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
