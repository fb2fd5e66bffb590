// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.token.TokenClaims;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenClaimsTest {

    private static final long NOW = 1_000_000;

    @ParameterizedTest
    @CsvSource({"999971, true", "999970, false", "1000000, true", "1000001, true"})
    void expiryIsTheFirstSecondThatIsTooLate(long expiry, boolean valid) {
        TokenClaims claims = claims("{\"exp\":%d}".formatted(expiry));

        assertRefusedUnless(valid, ReasonCode.TOKEN_EXPIRED, () -> claims.requireValidAt(NOW, 30));
    }

    @ParameterizedTest
    @CsvSource({"1000030, true", "1000031, false"})
    void notBeforeIsTheFirstValidSecond(long notBefore, boolean valid) {
        TokenClaims claims = claims("{\"exp\":2000000,\"nbf\":%d}".formatted(notBefore));

        assertRefusedUnless(valid, ReasonCode.TOKEN_NOT_YET_VALID, () -> claims.requireValidAt(NOW, 30));
    }

    @ParameterizedTest
    @CsvSource({"1000030, true", "1000031, false"})
    void issueTimeMayBeAheadByTheSkewOnly(long issued, boolean valid) {
        TokenClaims claims = claims("{\"exp\":2000000,\"iat\":%d}".formatted(issued));

        assertRefusedUnless(valid, ReasonCode.TOKEN_ISSUED_IN_FUTURE, () -> claims.requireValidAt(NOW, 30));
    }

    @ParameterizedTest
    @CsvSource({"999940, true", "999939, false", "1000000, true", "1000030, true"})
    void ageIsLimitedToTheSecond(long issued, boolean valid) {
        TokenClaims claims = claims("{\"iat\":%d}".formatted(issued));

        assertRefusedUnless(valid, ReasonCode.TOKEN_TOO_OLD, () -> claims.requireIssuedWithin(60, NOW));
        assertRefusedUnless(true, ReasonCode.TOKEN_TOO_OLD, () -> claims.requireIssuedWithin(0, NOW));
    }

    @Test
    void tokenMustSayWhenItWasIssued() {
        assertRefused(ReasonCode.ISSUE_TIME_MISSING, () -> claims("{}").requireIssuedWithin(0, NOW));
    }

    @Test
    void withoutExpiryNothingIsValid() {
        assertRefused(ReasonCode.EXPIRY_MISSING, () -> claims("{}").requireValidAt(NOW, 30));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"exp\":\"2000000\"}",
                "{\"exp\":-1}",
                "{\"exp\":1e400}",
                "{\"exp\":99999999999999999999}",
                "{\"exp\":[2000000]}",
                "{\"exp\":true}"
            })
    void expiryThatIsNoDateIsMalformed(String json) {
        assertRefused(ReasonCode.TOKEN_MALFORMED, () -> claims(json).requireValidAt(NOW, 30));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"aud\":{}}", "{\"aud\":1}", "{\"aud\":[\"a\",1]}", "{\"aud\":[[\"a\"]]}"})
    void audienceThatIsNeitherTextNorTextsIsMalformed(String json) {
        assertRefused(ReasonCode.TOKEN_MALFORMED, () -> claims(json).audience());
    }

    @Test
    void audienceIsOneOrMany() {
        assertThat(claims("{\"aud\":\"a\"}").audience()).containsExactly("a");
        assertThat(claims("{\"aud\":[\"a\",\"b\"]}").audience()).containsExactly("a", "b");
        assertThat(claims("{}").audience()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"sub\":\"\"}", "{\"sub\":\" \"}", "{\"sub\":null}"})
    void subjectMustBeSomebody(String json) {
        assertRefused(ReasonCode.SUBJECT_MISSING, () -> claims(json).requireSubject());
    }

    @Test
    void issuerIsComparedToTheLetter() {
        Set<String> trusted = Set.of("https://issuer.example");

        assertThatCode(() -> claims("{\"iss\":\"https://issuer.example\"}").requireIssuer(trusted))
                .doesNotThrowAnyException();
        for (String other : new String[] {"https://issuer.example/", "https://ISSUER.example", "", " "}) {
            assertRefused(
                    ReasonCode.ISSUER_MISMATCH,
                    () -> claims("{\"iss\":\"%s\"}".formatted(other)).requireIssuer(trusted));
        }
        assertRefused(
                ReasonCode.ISSUER_NOT_CONFIGURED,
                () -> claims("{\"iss\":\"a\"}").requireIssuer(Set.of()));
    }

    /** "a" and "b" are ours. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"azp\":\"a\"}|",
                "{\"azp\":\"a\",\"client_id\":\"b\",\"cid\":\"a\"}|",
                "{\"azp\":\"a\",\"aud\":\"x\"}|",
                "{\"aud\":\"a\"}|",
                "{\"aud\":[\"x\",\"a\"],\"azp\":null}|",
                "{}|TOKEN_UNBOUND",
                "{\"aud\":[]}|TOKEN_UNBOUND",
                "{\"aud\":\"x\"}|AUDIENCE_MISMATCH",
                "{\"aud\":\"a\",\"azp\":\"x\"}|AUDIENCE_MISMATCH",
                "{\"aud\":\"a\",\"client_id\":\"x\"}|AUDIENCE_MISMATCH",
                "{\"aud\":\"a\",\"cid\":\"x\"}|AUDIENCE_MISMATCH",
                "{\"azp\":\"a\",\"client_id\":\"x\"}|AUDIENCE_MISMATCH",
                "{\"azp\":\"a\",\"client_id\":\"a\",\"cid\":\"x\"}|AUDIENCE_MISMATCH",
                "{\"aud\":\"a\",\"azp\":\"\"}|AUDIENCE_MISMATCH",
                "{\"aud\":\"a\",\"azp\":\"A\"}|AUDIENCE_MISMATCH",
                "{\"aud\":\"a\",\"client_id\":[\"a\"]}|TOKEN_MALFORMED",
                "{\"aud\":\"a\",\"cid\":1}|AUDIENCE_MISMATCH"
            })
    void everyClientThatAnAccessTokenNamesMustBeOurs(String json, @Nullable ReasonCode refusal) {
        TokenClaims claims = claims(json);

        assertRefusedUnless(
                refusal == null,
                refusal == null ? ReasonCode.AUDIENCE_MISMATCH : refusal,
                () -> claims.requireIssuedTo(Set.of("a", "b")));
    }

    @Test
    void laterTimesThanTheYear9999AreTheLastSecondOfIt() {
        assertThat(claims("{\"exp\":253402300800}").time("exp")).hasValue(253_402_300_799L);
        assertThat(claims("{\"exp\":9223372036854775807}").time("exp")).hasValue(253_402_300_799L);
    }

    private static void assertRefusedUnless(boolean valid, ReasonCode refusal, ThrowingCallable check) {
        if (valid) {
            assertThatCode(check).doesNotThrowAnyException();
        } else {
            assertRefused(refusal, check);
        }
    }

    private static void assertRefused(ReasonCode refusal, ThrowingCallable check) {
        assertThatThrownBy(check)
                .isInstanceOfSatisfying(
                        ExternalTokenRefusedException.class,
                        refused -> assertThat(refused.reason().code()).isEqualTo(refusal));
    }

    private static TokenClaims claims(String json) {
        try {
            return new TokenClaims(new ObjectMapper().readTree(json));
        } catch (java.io.IOException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
