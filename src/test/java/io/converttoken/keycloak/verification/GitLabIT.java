// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.GitLab;
import io.converttoken.keycloak.testing.social.SocialHosts;
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
import org.junit.jupiter.params.provider.ValueSource;

/** GitLab's tokens beside what {@link SocialRefusalsIT} refuses. */
@ExtendWith(KeycloakExtension.class)
class GitLabIT {

    private static TestRealm realm;
    private static GitLab gitLab;
    private static Conversions conversions;

    @BeforeAll
    static void backend(TestRealm testRealm, SocialHosts hosts) {
        realm = testRealm;
        gitLab = hosts.get(GitLab.class);
        conversions = Conversions.add(realm, "gitlab", gitLab);
    }

    @Test
    void idTokenIsReadWithoutAskingAnybodyForTheProfile() {
        conversions.accepts(gitLab.idTokenWithProfile(gitLab.newcomer()).mint());

        assertThat(gitLab.user().requestCount()).isZero();
    }

    /** By default it tells no name. A stock realm asks for one, by browser; whoever is known signs in. */
    @Test
    void idTokenOfANewcomerTellsTooLittleForAnAccount() {
        Person person = gitLab.newcomer();
        conversions.needsInteraction(gitLab.idToken(person).mint());

        Answer byAccessToken = conversions.accepts(gitLab.accessToken(person).mint());
        Answer byIdToken = conversions.accepts(gitLab.idToken(person).mint());

        assertThat(Conversions.user(byIdToken)).isEqualTo(Conversions.user(byAccessToken));
    }

    /** Keycloak's own class would ask ten times, and sleep in between. */
    @Test
    void deadTokenIsAskedAboutOnce() {
        String token = gitLab.accessToken(gitLab.newcomer()).mint();
        gitLab.user().answersStatus(401);

        conversions.refuses(token, ReasonCode.TOKEN_INACTIVE);

        assertThat(gitLab.user().requestCount()).isEqualTo(1);
    }

    /** Its own scope opens the profile. */
    @Test
    void tokenThatDoesNotOpenTheProfileIsRefused() {
        gitLab.user().answersStatus(403);

        conversions.refuses(gitLab.accessToken(gitLab.newcomer()).mint(), ReasonCode.TOKEN_INACTIVE);
    }

    static Stream<Arguments> strangeAnswers() {
        return Stream.of(
                Arguments.of("application", Map.of(), ReasonCode.AUDIENCE_MISMATCH),
                Arguments.of("application", Map.of("uid", ""), ReasonCode.AUDIENCE_MISMATCH),
                Arguments.of("application", List.of(), ReasonCode.AUDIENCE_MISMATCH),
                Arguments.of("resource_owner_id", "", ReasonCode.SUBJECT_MISSING),
                Arguments.of("resource_owner_id", 1, ReasonCode.SUBJECT_MISMATCH),
                Arguments.of("expires_in", 0, ReasonCode.TOKEN_EXPIRED),
                Arguments.of("expires_in", -5, ReasonCode.TOKEN_EXPIRED),
                Arguments.of("expires_in", "soon", ReasonCode.TOKEN_EXPIRED));
    }

    @ParameterizedTest
    @MethodSource("strangeAnswers")
    void answerThatSaysOtherwiseIsNoProof(String member, Object value, ReasonCode reason) {
        Person person = gitLab.newcomer();
        Map<String, Object> info = info(person);
        info.put(member, value);
        gitLab.verificationEndpoints().get(0).answersJson(info);

        conversions.refuses(gitLab.accessToken(person).mint(), reason);
    }

    /** Anybody who runs a pipeline there names the audience, and the same keys sign. */
    @Test
    void tokenOfAJobIsNoPersons() {
        conversions.refuses(gitLab.idTokenOfJob(gitLab.newcomer()).mint(), ReasonCode.NOT_A_PERSON);
    }

    /** An instance of a company's own is an OpenID Connect provider here, of which nothing is known but its configuration. */
    @Test
    void essentialClaimKeepsTheJobsOfAnotherInstanceOut() {
        Map<String, String> settings = new LinkedHashMap<>(gitLab.settings());
        settings.putAll(Map.of(
                "issuer", gitLab.issuer(),
                "jwksUrl", gitLab.keys().orElseThrow().uri().toString(),
                "useJwksUrl", "true",
                "validateSignature", "true",
                "disableUserInfo", "true",
                "filteredByClaim", "true",
                "claimFilterName", "sub_legacy",
                "claimFilterValue", ".+"));
        realm.addIdentityProvider("own", "oidc", settings, Map.of())
                .addConvertTokenMapper("own", Map.of("allowedClients", "*"));
        Conversions own = new Conversions(realm, "own");

        own.refuses(gitLab.idTokenOfJob(gitLab.newcomer()).mint(), ReasonCode.PROFILE_REFUSED);
        own.accepts(gitLab.idTokenWithProfile(gitLab.newcomer()).mint());
    }

    /** What cannot be a user's id is nobody's, whatever else the token says. */
    @ParameterizedTest
    @ValueSource(strings = {"job_42", "42 ", "-42", "0x2a", "\u0664\u0662"})
    void subjectThatIsNoUsersIdIsNoPersons(String subject) {
        conversions.refuses(gitLab.idToken(gitLab.newcomer()).subject(subject).mint(), ReasonCode.NOT_A_PERSON);
    }

    /** GitLab always says when the address was confirmed, if it was: where it does not, the address is not verified. */
    @Test
    void profileThatDoesNotSayWhenTheAddressWasConfirmedDoesNotVerifyIt() {
        Conversions trusting = Conversions.add(realm, "trusting", gitLab, Map.of("trustEmail", "true"), Map.of());
        Person person = gitLab.newcomer();
        gitLab.user()
                .answersJson(Map.of(
                        "id", Long.parseLong(person.subject()),
                        "username", person.username(),
                        "name", person.givenName() + " " + person.familyName(),
                        "email", person.email()));

        trusting.accepts(gitLab.accessToken(person).mint());

        assertThat(realm.admin()
                        .user(realm.name(), person.username())
                        .path("emailVerified")
                        .asBoolean(true))
                .isFalse();
    }

    @Test
    void tokenWithoutEndConvertsUnlessItMustBeRemembered() {
        Conversions once = Conversions.add(realm, "once", gitLab, Map.of(), Map.of("singleUse", "true"));
        Person person = gitLab.newcomer();
        gitLab.verificationEndpoints().get(0).answersJson(info(person));

        conversions.accepts(gitLab.accessToken(person).mint());
        once.refuses(gitLab.accessToken(person).mint(), ReasonCode.EXPIRY_MISSING);
    }

    private static Map<String, Object> info(Person person) {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("resource_owner_id", Long.parseLong(person.subject()));
        info.put("application", Map.of("uid", gitLab.clientId()));
        info.put("expires_in", null);
        return info;
    }
}
