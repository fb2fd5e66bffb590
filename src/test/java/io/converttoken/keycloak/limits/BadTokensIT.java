// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import static io.converttoken.keycloak.testing.TestBackend.assertUnavailable;
import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.Explained;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.ObservedKeycloak;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.SameInContainer;
import io.converttoken.keycloak.testing.TestBackend;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Callers who bring rubbish cost the provider and the others little; all limits as they are by default. */
@ExtendWith(KeycloakExtension.class)
@SameInContainer
class BadTokensIT {

    private static final Duration ANSWERED = Duration.ofSeconds(10);

    private static TestRealm realm;

    @BeforeAll
    static void start(ObservedKeycloak observed) {
        realm = observed.realm();
    }

    // rubbish

    @Test
    void rubbishIsRefusedWithoutACall() {
        try (TestBackend asked = TestBackend.add(realm, "asked")) {
            FakeProvider provider = asked.provider();
            Stream.of(
                            "two words",
                            "\u00e4",
                            "eyJhbGciOiJSUzI1NiJ9.e30",
                            "eyJ.a.b",
                            provider.idToken(Person.unknown())
                                    .issuer("https://evil.example")
                                    .mint(),
                            provider.accessToken(Person.unknown())
                                    .issuer("https://evil.example")
                                    .mint())
                    .forEach(token ->
                            assertThat(asked.convert(token).expect(400).error()).isEqualTo("invalid_grant"));
            assertThat(asked.calls()).isZero();
        }
    }

    @Test
    void accessTokenOfAnotherIssuerIsNotIntrospected() {
        try (TestBackend keyless = TestBackend.add(realm, "keyless")) {
            realm.updateIdentityProvider(
                    "keyless", Map.of("validateSignature", "false", "useJwksUrl", "false", "jwksUrl", ""));
            String token = keyless.provider()
                    .accessToken(Person.unknown())
                    .issuer("https://evil.example")
                    .mint();
            keyless.convert(token).expect(400);
            assertThat(keyless.calls()).isZero();
        }
    }

    @Test
    void badTokenIsAskedAboutOnce() {
        try (TestBackend asked = TestBackend.add(realm, "asked-once")) {
            String bad = asked.provider().unknownOpaqueToken();
            realm.clearEvents();
            for (int i = 0; i < 5; i++) {
                assertThat(asked.convert(bad).expect(400).error()).isEqualTo("invalid_grant");
            }
            assertThat(asked.provider().introspection().requestCount()).isEqualTo(1);
            assertThat(realm.event("LOGIN_ERROR").detail("reason")).isEqualTo("token_inactive");
        }
    }

    @Test
    void badTokenIsAskedAboutAgainUnderOtherSettings() {
        try (TestBackend asked = TestBackend.add(realm, "asked-again")) {
            String others = asked.provider()
                    .opaqueToken(Person.unknown())
                    .issuedTo("our-ios-app")
                    .mint();
            asked.convert(others).expect(400);
            realm.replaceConvertTokenMapper(
                    "asked-again", Map.of("allowedClients", "*", "acceptedAudiences", "our-ios-app"));
            asked.convert(others).expect(200);
        }
    }

    @Test
    void faultOfTheProviderIsNotHeldAgainstTheToken() {
        try (TestBackend asked = TestBackend.add(realm, "asked-in-vain")) {
            String good = asked.goodToken();
            asked.provider().introspection().answersStatus(500);
            assertUnavailable(asked.convert(good));
            asked.provider().reset();
            asked.convert(good).expect(200);
        }
    }

    @Test
    void unknownKeysAreLookedForOnceInAWhile() {
        try (TestBackend asked = TestBackend.add(realm, "asked-for-keys")) {
            asked.convert(asked.goodIdToken()).expect(200);
            for (int i = 0; i < 20; i++) {
                String forged = asked.provider()
                        .idToken(Person.unknown())
                        .signedBy(FakeProvider.foreignKey("unknown-" + i))
                        .mint();
                assertThat(asked.convert(forged).expect(400).error()).isEqualTo("invalid_grant");
            }
            assertThat(asked.provider().jwks().requestCount()).isLessThanOrEqualTo(3);
        }
    }

    // abuse

    @Test
    void addressWithTooManyFailuresWaits() {
        try (TestBackend abused = TestBackend.add(realm, "abused");
                TestBackend another = TestBackend.add(realm, "not-abused")) {
            Answer limited = Stream.generate(() -> abused.convert(abused.provider()
                            .idToken(Person.unknown())
                            .expiresIn(Duration.ofMinutes(-5))
                            .mint()))
                    .limit(500)
                    .filter(answer -> answer.status() != 400)
                    .findFirst()
                    .orElseThrow();
            assertThat(limited.expect(429).error()).isEqualTo("temporarily_unavailable");
            Await.until("an explanation that names the limit", ANSWERED, () -> {
                abused.convert("rubbish");
                return Explained.of(realm, "abused", "rubbish").reason().equals("too_many_failures");
            });
            assertThat(limited.header("Retry-After"))
                    .hasValueSatisfying(value -> assertThat(value).matches("[1-9]\\d?"));
            realm.clearEvents();
            Await.until(
                    "a refused conversion",
                    ANSWERED,
                    () -> abused.convert("rubbish").status() == 429);
            assertThat(realm.event("LOGIN_ERROR").detail("identity_provider")).isEqualTo("abused");

            another.convert(another.goodIdToken()).expect(200);
            abused.convertsAgain();
        }
    }

    @Test
    void addressWithTooManyFailuresWaitsWhenItConnects() {
        try (TestBackend abused = TestBackend.add(realm, "abused-connecting")) {
            String alice = realm.signInAlice(TestRealm.APP).accessToken();
            Answer limited = Stream.generate(() -> realm.call("/auth/connect-backend")
                            .bearer(alice)
                            .param("backend", "abused-connecting")
                            .param("token", "two words")
                            .post())
                    .limit(500)
                    .filter(answer -> answer.status() != 400)
                    .findFirst()
                    .orElseThrow();
            assertThat(limited.expect(429).error()).isEqualTo("temporarily_unavailable");
            assertThat(limited.header("Retry-After")).isPresent();
            assertThat(realm.event("FEDERATED_IDENTITY_LINK_ERROR").error()).isEqualTo("too_many_failures");
        }
    }
}
