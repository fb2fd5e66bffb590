// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.token.SignedJwt;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedJwtTest {

    private static final String HEADER = "{\"alg\":\"RS256\"}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "eyJ.a",
                "eyJhbGciOiJSUzI1NiJ9.e30",
                "eyJhbGciOiJSUzI1NiJ9.e30.a.b",
                "eyJhbGciOiJSUzI1NiJ9.e30.a.b.c",
                "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c",
                "eyJhbGciOiJSUzI1NiJ9..",
                "eyJhbGciOiJSUzI1NiJ9..a",
                "eyJ.e30.a",
                "eyJhbGciOiJSUzI1NiJ9.e30=.a",
                "eyJhbGciOiJSUzI1NiJ9.e 0.a",
                "eyJhbGciOiJSUzI1NiJ9.W10.a",
                "eyJhbGciOiJSUzI1NiJ9.MQ.a",
                "eyJhbGciOiJSUzI1NiJ9.e30e30.a"
            })
    void whatIsMeantAsAJwtAndIsNoneIsMalformed(String token) {
        assertMalformed(token);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "..",
                "eyJ",
                "eyJhbGciOiJSUzI1NiJ9",
                // {"alg":"RSA-OAEP","enc":"A256GCM"}
                "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d",
                "ey!hbGciOiJSUzI1NiJ9.e30.a",
                "bm90IEpTT04.e30.a",
                "W10.e30.a",
                "e30.e30.a",
                // {"typ":"x"}, as session cookies of other systems begin
                "eyJ0eXAiOiJ4In0.e30.a"
            })
    void whatHasNoHeaderOfAJwtIsOpaque(String token) {
        assertThat(SignedJwt.in(token)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{ \"alg\" : \"RS256\" }", "{\n\"alg\":\"RS256\"}", " {\"kid\":\"1\",\"alg\":\"RS256\"}\n"})
    void headerMayBeWrittenWithBlanks(String header) {
        assertThat(SignedJwt.in(token(header, "{}")).orElseThrow().algorithm()).isEqualTo("RS256");
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
        assertThatThrownBy(() -> SignedJwt.in(token))
                .isInstanceOfSatisfying(
                        ExternalTokenRefusedException.class,
                        refused -> assertThat(refused.reason().code()).isEqualTo(ReasonCode.TOKEN_MALFORMED))
                .hasNoCause();
    }

    private static String token(String header, String claims) {
        return encode(header) + "." + encode(claims) + "." + encode("signature");
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
