// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.GitHub;
import io.converttoken.keycloak.testing.social.GitHubEnterprise;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** GitHub's tokens beside what {@link SocialRefusalsIT} refuses. */
@ExtendWith(KeycloakExtension.class)
class GitHubIT {

    private static TestRealm realm;
    private static GitHub github;
    private static GitHubEnterprise enterprise;
    private static Conversions conversions;

    @BeforeAll
    static void backend(TestRealm testRealm, SocialHosts hosts) {
        realm = testRealm;
        github = hosts.get(GitHub.class);
        enterprise = hosts.get(GitHubEnterprise.class);
        conversions = Conversions.add(realm, "github", github);
    }

    @Test
    void privateAddressIsTheVerifiedPrimaryOne() {
        Person person = github.newcomer();

        Answer answer = conversions.accepts(github.accessToken(person).mint());

        assertThat(answer.json().path("user").path("email").asText()).isEqualTo(person.email());
    }

    @Test
    void publicAddressCostsNoCall() {
        Person person = github.newcomer();
        github.user().answersJson(profile(person, person.email()));

        Answer answer = conversions.accepts(github.accessToken(person).mint());

        assertThat(answer.json().path("user").path("email").asText()).isEqualTo(person.email());
        assertThat(github.emails().requestCount()).isZero();
    }

    @Test
    void unverifiedAddressIsNobodys() {
        Person person = github.newcomer();
        github.emails()
                .answersJson(List.of(
                        GitHub.address("other-" + person.email(), false, true),
                        GitHub.address(person.email(), true, false)));

        // without an address the new account's profile has to be completed
        conversions.needsInteraction(github.accessToken(person).mint());
    }

    @Test
    void addressesThatTheTokenDoesNotOpenAreNotRequired() {
        Person person = github.newcomer();
        conversions.accepts(github.accessToken(person).mint());
        github.emails().answersStatus(404);

        conversions.accepts(github.accessToken(person).mint());
    }

    @Test
    void answerThatNamesAnotherApplicationIsNoProof() {
        Person person = github.newcomer();
        github.check().answersJson(grant(person, "app", Map.of("client_id", github.anotherClientId())));

        conversions.refuses(github.accessToken(person).mint(), ReasonCode.AUDIENCE_MISMATCH);
    }

    static Stream<Arguments> strangeUsers() {
        return Stream.of(
                Arguments.of(Map.of("login", "x"), ReasonCode.SUBJECT_MISSING),
                Arguments.of(Map.of("id", ""), ReasonCode.SUBJECT_MISSING),
                Arguments.of(Map.of("id", true), ReasonCode.SUBJECT_MISSING),
                Arguments.of(Map.of("id", 42.5), ReasonCode.SUBJECT_MISSING),
                Arguments.of(Map.of("id", Map.of("id", 42)), ReasonCode.SUBJECT_MISSING),
                Arguments.of(Map.of("id", 42), ReasonCode.SUBJECT_MISMATCH));
    }

    @ParameterizedTest
    @MethodSource("strangeUsers")
    void grantMustNameTheUserOfTheProfile(Map<String, Object> user, ReasonCode reason) {
        Person person = github.newcomer();
        github.check().answersJson(grant(person, "user", user));

        conversions.refuses(github.accessToken(person).mint(), reason);
    }

    @Test
    void expiryIsKept() {
        Person person = github.newcomer();
        github.check()
                .answersJson(grant(
                        person, "expires_at", Instant.now().minusSeconds(60).toString()));
        conversions.refuses(github.accessToken(person).mint(), ReasonCode.TOKEN_EXPIRED);

        github.check().answersJson(grant(person, "expires_at", "soon"));
        conversions.isUnavailableFor(github.accessToken(person).mint());
    }

    @Test
    void wrongSecretOfOursIsNoVerdictOnTheToken() {
        Conversions wrong = Conversions.add(realm, "wrong", github, Map.of("clientSecret", "not-the-secret"), Map.of());

        wrong.isUnavailableFor(github.accessToken(github.newcomer()).mint());
    }

    @Test
    void tokenIsInNoAddress() {
        String token = github.accessToken(github.newcomer()).mint();

        conversions.accepts(token);

        github.verificationEndpoints()
                .forEach(endpoint -> assertThat(endpoint.requests())
                        .allSatisfy(request ->
                                assertThat(request.path() + request.query()).doesNotContain(token)));
    }

    @Test
    void enterpriseServerIsAskedAndNobodyElse() {
        Conversions atCompany = Conversions.add(realm, "enterprise", enterprise);

        atCompany.accepts(enterprise.accessToken(enterprise.newcomer()).mint());

        assertThat(enterprise.check().requestCount()).isEqualTo(1);
        assertThat(github.verificationEndpoints())
                .allSatisfy(endpoint -> assertThat(endpoint.requestCount()).isZero());
        atCompany.refuses(github.accessToken(github.newcomer()).mint(), ReasonCode.TOKEN_INACTIVE);
    }

    private static Map<String, Object> profile(Person person, String email) {
        return Map.of(
                "login",
                person.username(),
                "id",
                Long.parseLong(person.subject()),
                "name",
                person.givenName() + " " + person.familyName(),
                "email",
                email);
    }

    private static Map<String, Object> grant(Person person, String member, Object value) {
        Map<String, Object> grant = new LinkedHashMap<>();
        grant.put("app", Map.of("client_id", github.clientId()));
        grant.put("user", Map.of("login", person.username(), "id", Long.parseLong(person.subject())));
        grant.put(member, value);
        return grant;
    }
}
