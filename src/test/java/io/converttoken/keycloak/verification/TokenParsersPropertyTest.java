// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever is sent as a token, it is read or refused, and no exception tells anything of it. */
class TokenParsersPropertyTest {

    private static final String SECRET = "s3cretvalue";
    private static final long END_OF_TIME = 253_402_300_799L;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    @Property
    void anythingIsReadOrRefused(@ForAll String token) {
        TokenReads.assertReadOrRefused(external(token), SECRET);
    }

    @Property
    void whatLooksLikeAJwtIsReadOrRefused(@ForAll("almostJwts") String token) {
        TokenReads.assertReadOrRefused(external(token), SECRET);
    }

    @Property
    void tokenWithCharactersOfNoTokenIsNotWellFormed(@ForAll String token) {
        boolean isPrintable = token.strip().matches("[\\x21-\\x7e]+");

        assertThat(external(token).isWellFormed()).isEqualTo(isPrintable);
    }

    @Property
    void jwtIsReadAsItWasWritten(@ForAll("texts") Map<String, String> claims, @ForAll byte[] signature)
            throws JsonProcessingException {
        String signed = encoded("{\"alg\":\"RS256\",\"kid\":\"k\"}") + "."
                + encoded(new ObjectMapper().writeValueAsString(claims));

        SignedJwt jwt =
                SignedJwt.in(signed + "." + BASE64.encodeToString(signature)).orElseThrow();

        assertThat(jwt.signingInput()).isEqualTo(signed);
        assertThat(jwt.signature()).isEqualTo(signature);
        assertThat(jwt.algorithm()).isEqualTo("RS256");
        assertThat(jwt.keyId()).hasValue("k");
        claims.forEach((claim, value) -> assertThat(jwt.claims().text(claim)).hasValue(value));
    }

    /** To the second, and without an overflow at the ends of time. */
    @Property
    void tokenIsValidFromItsStartToItsExpiry(
            @ForAll("times") long expiry, @ForAll("times") long notBefore, @ForAll("now") long now) {
        TokenClaims claims = claims("{\"exp\":%d,\"nbf\":%d}".formatted(expiry, notBefore));
        boolean isExpired = now - 30 >= expiry;
        boolean isEarly = notBefore > now + 30;

        Throwable thrown = catchThrowable(() -> claims.requireValidAt(now, 30));

        if (isExpired || isEarly) {
            assertThat(thrown)
                    .isInstanceOfSatisfying(
                            ExternalTokenRefusedException.class,
                            refused -> assertThat(refused.reason().code())
                                    .isEqualTo(isExpired ? ReasonCode.TOKEN_EXPIRED : ReasonCode.TOKEN_NOT_YET_VALID));
        } else {
            assertThat(thrown).isNull();
        }
    }

    /** A single-use token is remembered for as long as it could be accepted, in the milliseconds of Keycloak's store. */
    @Property
    void useIsRememberedUntilTheExpiryIsPast(@ForAll("times") long expiry, @ForAll("now") long now) {
        SignedJwt jwt = SignedJwt.in(encoded("{\"alg\":\"RS256\"}") + "." + encoded("{\"exp\":" + expiry + "}") + ".")
                .orElseThrow();

        assertRemembered(TokenUse.of(jwt), expiry, now);
        assertRemembered(TokenUse.expiring(external("opaque"), OptionalLong.of(expiry)), expiry, now);
    }

    private static void assertRemembered(TokenUse use, long expiry, long now) {
        long remaining = use.remaining(now, 0).orElseThrow();

        assertThat(remaining).isPositive();
        assertThatCode(() -> Math.addExact(Math.multiplyExact(now, 1000), Math.multiplyExact(remaining, 1000)))
                .doesNotThrowAnyException();
        if (expiry > now - 30) {
            assertThat(remaining).isGreaterThanOrEqualTo(Math.min(expiry, END_OF_TIME) - now);
        }
    }

    /** Whatever number stands there, it is a time between the epoch and the year 9999, or the token is malformed. */
    @Property
    void everyNumberIsATimeThatCanBeComputedWithOrIsRefused(@ForAll("numbers") String number) {
        Optional<Long> time = Optional.empty();
        try {
            OptionalLong read = claims("{\"exp\":" + number + "}").time("exp");
            time = Optional.of(read.orElseThrow());
        } catch (ExternalTokenRefusedException e) {
            assertThat(e.reason().code()).isEqualTo(ReasonCode.TOKEN_MALFORMED);
        }

        time.ifPresent(seconds -> assertThat(seconds).isBetween(0L, END_OF_TIME));
    }

    @Provide
    Arbitrary<String> numbers() {
        return Arbitraries.oneOf(
                Arbitraries.longs().map(String::valueOf),
                Arbitraries.bigIntegers().map(String::valueOf),
                Arbitraries.doubles().map(String::valueOf),
                Arbitraries.bigDecimals().map(String::valueOf),
                Arbitraries.of("9223372036854774", "9223372036854775", "9223372036854776", "1e18", "1e308", "-0.0"));
    }

    private static TokenClaims claims(String json) {
        return SignedJwt.in(encoded("{\"alg\":\"RS256\"}") + "." + encoded(json) + ".")
                .orElseThrow()
                .claims();
    }

    private static ExternalToken external(String token) {
        return new ExternalToken(token, Optional.empty(), Optional.empty());
    }

    private static String encoded(String text) {
        return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Header, claims and signature, each from pieces of what it should be, one of them perhaps not encoded. */
    @Provide
    Arbitrary<String> almostJwts() {
        Arbitrary<String> part = Arbitraries.oneOf(
                objects().map(TokenParsersPropertyTest::encoded),
                objects(),
                Arbitraries.strings().map(TokenParsersPropertyTest::encoded),
                Arbitraries.of("", "e30", "e30=", "bnVsbA", "//__", "eyJ"));
        return Combinators.combine(
                        objects().map(TokenParsersPropertyTest::encoded),
                        part,
                        part.list().ofMaxSize(2))
                .as((header, claims, rest) -> header + "." + claims + "." + String.join(".", rest));
    }

    private static Arbitrary<String> objects() {
        Arbitrary<String> names = Arbitraries.of(
                "alg",
                "kid",
                "typ",
                "crit",
                "iss",
                "sub",
                "aud",
                "azp",
                "client_id",
                "exp",
                "nbf",
                "iat",
                "events",
                "token_use",
                "scope",
                "cnf");
        Arbitrary<String> values = Arbitraries.of(
                "null",
                "true",
                "0",
                "-1",
                "1.5",
                "1e999",
                "9223372036854775807",
                "9223372036854775808",
                "1800000000",
                "\"\"",
                "\"" + SECRET + "\"",
                "\"RS256\"",
                "\"none\"",
                "\"JWT\"",
                "\"at+jwt\"",
                "\"ID\"",
                "\"DPoP\"",
                "\"https://issuer.example\"",
                "\"\\u0000\"",
                "\"\\ud800\"",
                "[]",
                "[\"" + SECRET + "\"]",
                "[1]",
                "{}",
                "[[[{}]]]",
                "nul",
                "\"",
                "1" + "0".repeat(1100));
        return Combinators.combine(names, values)
                .as((name, value) -> "\"" + name + "\":" + value)
                .list()
                .ofMaxSize(6)
                .map(members -> "{" + String.join(",", members) + "}");
    }

    @Provide
    Arbitrary<Map<String, String>> texts() {
        return Arbitraries.maps(Arbitraries.strings().ofMinLength(1), Arbitraries.strings())
                .ofMaxSize(5);
    }

    @Provide
    Arbitrary<Long> times() {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(0, Long.MAX_VALUE - 31),
                Arbitraries.longs().between(1_799_999_900L, 1_800_000_100L));
    }

    @Provide
    Arbitrary<Long> now() {
        return Arbitraries.longs().between(1_799_999_900L, 1_800_000_100L);
    }
}
