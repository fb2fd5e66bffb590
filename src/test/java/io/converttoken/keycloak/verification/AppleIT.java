// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Apple's tokens beside what {@link SocialRefusalsIT} refuses. */
@ExtendWith(KeycloakExtension.class)
class AppleIT {

    private static final String NONCE = "raw-nonce-of-the-app";

    private static TestRealm realm;
    private static AdminApi admin;
    private static Apple apple;
    private static Conversions conversions;

    @BeforeAll
    static void backend(TestRealm testRealm, SocialHosts hosts, AdminApi adminApi) {
        realm = testRealm;
        admin = adminApi;
        apple = hosts.get(Apple.class);
        // Apple's tokens have no names: a realm that asks for them would show a page
        admin.requireNothingOfUsers(realm.name());
        conversions = Conversions.add(
                realm, "apple", apple, Map.of("trustEmail", "true"), Map.of("acceptedAudiences", Apple.BUNDLE_ID));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void booleansMayBeText(boolean isText) {
        Person verified = apple.newcomer();
        Person unverified = apple.newcomer();

        conversions.accepts(apple.idToken(verified)
                .claim("email_verified", isText ? "true" : true)
                .mint());
        conversions.accepts(apple.idToken(unverified)
                .claim("email_verified", isText ? "false" : false)
                .mint());

        assertThat(user(verified).path("emailVerified").asBoolean(false)).isTrue();
        assertThat(user(unverified).path("emailVerified").asBoolean(true)).isFalse();
    }

    @Test
    void privateRelayAddressIsTheAddress() {
        Person person = apple.newcomer();

        Answer answer = conversions.accepts(apple.idToken(person).mint());

        assertThat(answer.json().path("user").path("email").asText())
                .isEqualTo(person.email())
                .endsWith("@privaterelay.appleid.com");
    }

    @Test
    void addressIsNotRequired() {
        Answer answer = conversions.accepts(apple.idToken(apple.newcomer())
                .without("email")
                .without("email_verified")
                .mint());

        assertThat(answer.json().path("is_new_user").asBoolean()).isTrue();
    }

    @Test
    void webLoginHasTheServicesIdAsAudience() {
        conversions.accepts(
                apple.idToken(apple.newcomer()).audience(apple.clientId()).mint());
    }

    @Test
    void nonceIsComparedPlainAndHashed() {
        conversions
                .call(apple.idToken(apple.newcomer()).nonce(NONCE).mint())
                .param("nonce", NONCE)
                .post()
                .expect(200);
        conversions
                .call(apple.idToken(apple.newcomer()).nonce(sha256(NONCE)).mint())
                .param("nonce", NONCE)
                .post()
                .expect(200);
        conversions.refuses(
                conversions
                        .call(apple.idToken(apple.newcomer()).nonce("another").mint())
                        .param("nonce", NONCE),
                ReasonCode.NONCE_MISMATCH);
        conversions.refuses(
                conversions.call(apple.idToken(apple.newcomer()).mint()).param("nonce", NONCE),
                ReasonCode.NONCE_MISSING);
    }

    @Test
    void deviceThatKnowsNoNonceNeedsNone() {
        for (Object no : List.of(false, "false")) {
            conversions
                    .call(apple.idToken(apple.newcomer())
                            .claim("nonce_supported", no)
                            .mint())
                    .param("nonce", NONCE)
                    .post()
                    .expect(200);
        }
    }

    @Test
    void nonceOfSuchADeviceIsStillCompared() {
        conversions.refuses(
                conversions
                        .call(apple.idToken(apple.newcomer())
                                .claim("nonce_supported", false)
                                .nonce("another")
                                .mint())
                        .param("nonce", NONCE),
                ReasonCode.NONCE_MISMATCH);
    }

    @Test
    void nonceThatIsRequiredIsRequiredOfEveryDevice() {
        Conversions strict = Conversions.add(
                realm, "strict", apple, Map.of(), Map.of("acceptedAudiences", Apple.BUNDLE_ID, "requireNonce", "true"));

        strict.refuses(
                strict.call(apple.idToken(apple.newcomer())
                                .claim("nonce_supported", false)
                                .mint())
                        .param("nonce", NONCE),
                ReasonCode.NONCE_MISSING);
    }

    @Test
    void issuerAndKeysAreApplesWhateverIsConfigured() {
        Conversions misled = Conversions.add(
                realm,
                "misled",
                apple,
                Map.of("issuer", "https://account.apple.com", "jwksUrl", "https://keys.example/jwks"),
                Map.of("acceptedAudiences", Apple.BUNDLE_ID));

        misled.accepts(apple.idToken(apple.newcomer()).mint());
        misled.refuses(
                apple.idToken(apple.newcomer())
                        .issuer("https://account.apple.com")
                        .mint(),
                ReasonCode.ISSUER_MISMATCH);
    }

    @Test
    void accessTokensProveNothing() {
        conversions.refuses(apple.accessToken(apple.newcomer()).mint(), ReasonCode.TOKEN_KIND_UNSUPPORTED);
    }

    private static JsonNode user(Person person) {
        return admin.user(realm.name(), person.email());
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
