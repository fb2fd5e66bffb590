// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.RecordedRequest;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.LinkedIn;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** LinkedIn's tokens beside what {@link SocialRefusalsIT} refuses. */
@ExtendWith(KeycloakExtension.class)
class LinkedInIT {

    private static TestRealm realm;
    private static LinkedIn linkedIn;
    private static Conversions conversions;

    @BeforeAll
    static void backend(TestRealm testRealm, SocialHosts hosts) {
        realm = testRealm;
        linkedIn = hosts.get(LinkedIn.class);
        conversions = Conversions.add(realm, "linkedin", linkedIn);
    }

    @Test
    void credentialsAndTokenGoIntoTheBody() {
        String token = linkedIn.accessToken(linkedIn.newcomer()).mint();

        conversions.accepts(token);

        RecordedRequest request = linkedIn.introspection().requests().get(0);
        assertThat(request.query()).isEmpty();
        assertThat(request.form())
                .containsEntry("token", token)
                .containsEntry("client_id", linkedIn.clientId())
                .containsEntry("client_secret", linkedIn.clientSecret());
    }

    @ParameterizedTest
    @CsvSource({
        "auth_type, 2L, NOT_A_PERSON",
        "auth_type, '', TOKEN_KIND_UNSUPPORTED",
        "client_id, another, AUDIENCE_MISMATCH",
        "client_id, '', AUDIENCE_MISMATCH",
        "status, revoked, TOKEN_INACTIVE",
        "active, true, TOKEN_INACTIVE",
        "expires_at, 1700000000, TOKEN_EXPIRED",
        "expires_at, soon, TOKEN_EXPIRED"
    })
    void answerThatSaysOtherwiseIsNoProof(String member, String value, ReasonCode reason) {
        linkedIn.introspection().answersJson(with(member, value));

        conversions.refuses(linkedIn.accessToken(linkedIn.newcomer()).mint(), reason);
    }

    @Test
    void wrongSecretOfOursIsNoVerdictOnTheToken() {
        Conversions wrong =
                Conversions.add(realm, "wrong", linkedIn, Map.of("clientSecret", "not-the-secret"), Map.of());

        wrong.isUnavailableFor(linkedIn.accessToken(linkedIn.newcomer()).mint());
    }

    @Test
    void secondApplicationsTokensCanNotBeProven() {
        Conversions two = Conversions.add(
                realm, "two", linkedIn, Map.of(), Map.of("acceptedAudiences", linkedIn.anotherClientId()));

        two.refuses(
                linkedIn.accessToken(linkedIn.newcomer())
                        .issuedTo(linkedIn.anotherClientId())
                        .mint(),
                ReasonCode.TOKEN_INACTIVE);
    }

    private static Map<String, Object> with(String member, Object value) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("active", true);
        answer.put("client_id", linkedIn.clientId());
        answer.put("status", "active");
        answer.put("expires_at", Instant.now().plusSeconds(60).getEpochSecond());
        answer.put("auth_type", "3L");
        answer.put(member, value);
        return answer;
    }
}
