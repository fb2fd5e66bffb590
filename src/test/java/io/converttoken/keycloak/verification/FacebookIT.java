// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.RecordedRequest;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Facebook;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Facebook's tokens beside what {@link SocialRefusalsIT} refuses. */
@ExtendWith(KeycloakExtension.class)
class FacebookIT {

    private static TestRealm realm;
    private static Facebook facebook;
    private static Conversions conversions;

    @BeforeAll
    static void backend(TestRealm testRealm, SocialHosts hosts) {
        realm = testRealm;
        facebook = hosts.get(Facebook.class);
        conversions = Conversions.add(
                realm, "facebook", facebook, Map.of(), Map.of("acceptedAudiences", facebook.anotherClientId()));
    }

    /** Ids are of one app each: another app's token would name another account. */
    @Test
    void onlyTheAppItselfEvenWhereOthersAreAccepted() {
        conversions.refuses(
                facebook.idToken(facebook.newcomer())
                        .audience(facebook.anotherClientId())
                        .mint(),
                ReasonCode.AUDIENCE_MISMATCH);
        conversions.refuses(
                facebook.accessToken(facebook.newcomer())
                        .issuedTo(facebook.anotherClientId())
                        .mint(),
                ReasonCode.TOKEN_INACTIVE);
    }

    @Test
    void answerThatNamesAnotherAppIsNoProof() {
        Person person = facebook.newcomer();
        facebook.debugToken().answersJson(Map.of("data", with(person, "app_id", facebook.anotherClientId())));

        conversions.refuses(facebook.accessToken(person).mint(), ReasonCode.AUDIENCE_MISMATCH);
    }

    @Test
    void profileIsAskedForWithTheProofAndNoSecretIsInAnAddress() {
        String token = facebook.accessToken(facebook.newcomer()).mint();

        conversions.accepts(token);

        RecordedRequest debug = facebook.debugToken().requests().get(0);
        RecordedRequest profile = facebook.me().requests().get(0);
        assertThat(debug.query()).doesNotContain(facebook.clientSecret());
        assertThat(profile.query()).contains("appsecret_proof=").doesNotContain(facebook.clientSecret(), token);
    }

    @ParameterizedTest
    @CsvSource({
        "is_valid, true, TOKEN_INACTIVE",
        "is_valid, 1, TOKEN_INACTIVE",
        "type, PAGE, TOKEN_KIND_UNSUPPORTED",
        "type, APP, NOT_A_PERSON",
        "user_id, '', SUBJECT_MISSING",
        "user_id, 42, SUBJECT_MISMATCH",
        "expires_at, 1700000000, TOKEN_EXPIRED"
    })
    void answerThatSaysOtherwiseIsNoProof(String member, String value, ReasonCode reason) {
        Person person = facebook.newcomer();
        facebook.debugToken().answersJson(Map.of("data", with(person, member, value)));

        conversions.refuses(facebook.accessToken(person).mint(), reason);
    }

    @Test
    void tokenWithoutEndConvertsUnlessItMustBeRemembered() {
        Conversions once = Conversions.add(realm, "once", facebook, Map.of(), Map.of("singleUse", "true"));
        Person person = facebook.newcomer();
        facebook.debugToken().answersJson(Map.of("data", with(person, "expires_at", 0)));

        conversions.accepts(facebook.accessToken(person).mint());
        once.refuses(facebook.accessToken(person).mint(), ReasonCode.EXPIRY_MISSING);
    }

    @Test
    void wrongSecretOfOursIsNoVerdictOnTheToken() {
        Conversions wrong =
                Conversions.add(realm, "wrong", facebook, Map.of("clientSecret", "not-the-secret"), Map.of());

        wrong.isUnavailableFor(facebook.accessToken(facebook.newcomer()).mint());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 17, 32, 613, 1, 2})
    void limitsAndHiccupsOfGraphAreNoVerdictOnTheToken(int code) {
        String error = "{\"error\":{\"message\":\"x\",\"type\":\"OAuthException\",\"code\":" + code + "}}";
        for (ProviderEndpoint endpoint : facebook.verificationEndpoints()) {
            endpoint.answers(400, "application/json", error);
            conversions.isUnavailableFor(
                    facebook.accessToken(facebook.newcomer()).mint());
            endpoint.answersNormally();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://limited.facebook.com", "https://facebook.com", "https://www.facebook.com/"})
    void issuerIsPinned(String issuer) {
        conversions.refuses(facebook.idToken(facebook.newcomer()).issuer(issuer).mint(), ReasonCode.ISSUER_MISMATCH);
    }

    @Test
    void limitedLoginCarriesTheNonceAsItIs() {
        conversions
                .call(facebook.idToken(facebook.newcomer()).nonce("raw-nonce").mint())
                .param("nonce", "raw-nonce")
                .post()
                .expect(200);
        conversions.refuses(
                conversions
                        .call(facebook.idToken(facebook.newcomer())
                                .nonce("raw-nonce")
                                .mint())
                        .param("nonce", "another"),
                ReasonCode.NONCE_MISMATCH);
    }

    private static Map<String, Object> with(Person person, String member, Object value) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("app_id", facebook.clientId());
        data.put("type", "USER");
        data.put("is_valid", true);
        data.put("expires_at", Instant.now().plusSeconds(60).getEpochSecond());
        data.put("user_id", person.subject());
        data.put(member, value);
        return data;
    }
}
