// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Google;
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

/** Google's tokens beside what {@link SocialRefusalsIT} refuses. */
@ExtendWith(KeycloakExtension.class)
class GoogleIT {

    private static final String ANDROID_CLIENT_ID = "1-android.apps.googleusercontent.com";
    private static final String IOS_CLIENT_ID = "1-ios.apps.googleusercontent.com";

    private static Google google;
    private static Conversions conversions;
    private static Conversions companyOnly;
    private static Conversions anyDomain;

    @BeforeAll
    static void backends(TestRealm realm, SocialHosts hosts) {
        google = hosts.get(Google.class);
        conversions = Conversions.add(realm, "google", google, Map.of(), Map.of("acceptedAudiences", IOS_CLIENT_ID));
        companyOnly = Conversions.add(
                realm, "company", google, Map.of("hostedDomain", "company.example,sister.example"), Map.of());
        anyDomain = Conversions.add(realm, "anydomain", google, Map.of("hostedDomain", "*"), Map.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://accounts.google.com", "accounts.google.com"})
    void bothSpellingsOfTheIssuerAreGoogle(String issuer) {
        conversions.accepts(google.idToken(google.newcomer()).issuer(issuer).mint());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://accounts.google.com", "https://accounts.google.com/", "accounts.google.com.example"})
    void othersAreNot(String issuer) {
        conversions.refuses(google.idToken(google.newcomer()).issuer(issuer).mint(), ReasonCode.ISSUER_MISMATCH);
    }

    @Test
    void onAndroidTheAudienceDecides() {
        conversions.accepts(
                google.idToken(google.newcomer()).azp(ANDROID_CLIENT_ID).mint());
    }

    @Test
    void iosAppHasAClientIdOfItsOwn() {
        conversions.accepts(google.idToken(google.newcomer())
                .audience(IOS_CLIENT_ID)
                .azp(IOS_CLIENT_ID)
                .mint());
        conversions.accepts(
                google.accessToken(google.newcomer()).issuedTo(IOS_CLIENT_ID).mint());
    }

    @Test
    void weAsAuthorizedPartyDoNotMakeAnothersTokenOurs() {
        conversions.refuses(
                google.idToken(google.newcomer())
                        .audience(google.anotherClientId())
                        .azp(google.clientId())
                        .mint(),
                ReasonCode.AUDIENCE_MISMATCH);
    }

    /** Any project of Google Cloud has them made for the audience that it names. */
    @ParameterizedTest
    @ValueSource(strings = {"https://accounts.google.com", "accounts.google.com"})
    void idTokenOfAServiceAccountIsNoPersons(String issuer) {
        Person robot = google.serviceAccount();

        conversions.refuses(google.idTokenOfServiceAccount(robot).issuer(issuer).mint(), ReasonCode.NOT_A_PERSON);
        conversions.refuses(
                google.idTokenOfServiceAccount(robot)
                        .issuer(issuer)
                        .without("email")
                        .without("email_verified")
                        .mint(),
                ReasonCode.NOT_A_PERSON);
        anyDomain.refuses(google.idTokenOfServiceAccount(robot).issuer(issuer).mint(), ReasonCode.NOT_A_PERSON);
    }

    @Test
    void serviceAccountIsToldByItsAddressAlone() {
        Person robot = google.serviceAccount();

        conversions.refuses(
                google.idTokenOfServiceAccount(robot).azp(google.clientId()).mint(), ReasonCode.NOT_A_PERSON);
        conversions.refuses(google.idTokenOfServiceAccount(robot).without("azp").mint(), ReasonCode.NOT_A_PERSON);
        conversions.refuses(google.accessToken(robot).mint(), ReasonCode.NOT_A_PERSON);
    }

    @Test
    void accessTokenOfAServiceAccountIsNoPersons() {
        Person robot = google.serviceAccount();

        conversions.refuses(google.accessToken(robot).issuedTo(robot.subject()).mint(), ReasonCode.NOT_A_PERSON);
    }

    /** Where tokeninfo keeps the address back, for want of the scope, userinfo may show it. */
    @Test
    void serviceAccountThatOnlyTheProfileShowsIsNoPerson() {
        Person person = google.newcomer();
        google.userInfo()
                .answersJson(
                        with(person.claims(), "email", google.serviceAccount().email()));

        conversions.refuses(google.accessToken(person).mint(), ReasonCode.NOT_A_PERSON);
    }

    /** Consumers with an address of Google's or of their own, and people of a Workspace; Google may leave {@code azp} out. */
    @Test
    void peopleOfAllKindsOfAccountsConvert() {
        Person consumer = google.newcomer();
        Person colleague = google.newcomer();

        conversions.accepts(google.idToken(consumer.withEmail(consumer.username() + "@gmail.com"))
                .mint());
        conversions.accepts(google.idToken(google.newcomer()).without("azp").mint());
        conversions.accepts(google.idToken(colleague.withEmail(colleague.username() + "@company.example"))
                .claim("hd", "company.example")
                .azp(ANDROID_CLIENT_ID)
                .mint());
    }

    @Test
    void idTokenMustBeOfTheHostedDomain() {
        companyOnly.accepts(
                google.idToken(google.newcomer()).claim("hd", "company.example").mint());
        companyOnly.accepts(
                google.idToken(google.newcomer()).claim("hd", "sister.example").mint());
        companyOnly.refuses(google.idToken(google.newcomer()).mint(), ReasonCode.DOMAIN_MISMATCH);
        companyOnly.refuses(
                google.idToken(google.newcomer()).claim("hd", "other.example").mint(), ReasonCode.DOMAIN_MISMATCH);
        companyOnly.refuses(
                google.idToken(google.newcomer())
                        .claim("hd", "company.example,sister.example")
                        .mint(),
                ReasonCode.DOMAIN_MISMATCH);
    }

    @Test
    void starTakesAnyAccountAsInTheBrowser() {
        anyDomain.accepts(google.idToken(google.newcomer()).mint());
    }

    @Test
    void accessTokenMustBeOfTheHostedDomain() {
        Person person = google.newcomer();
        companyOnly.refuses(google.accessToken(person).mint(), ReasonCode.DOMAIN_MISMATCH);

        google.userInfo().answersJson(with(person.claims(), "hd", "company.example"));

        companyOnly.accepts(google.accessToken(person).mint());
    }

    @ParameterizedTest
    @ValueSource(strings = {"aud", "azp"})
    void accessTokenMustBeOursByAudienceAndByAuthorizedParty(String member) {
        Person person = google.newcomer();
        google.tokenInfo().answersJson(with(info(person), member, google.anotherClientId()));

        conversions.refuses(google.accessToken(person).mint(), ReasonCode.AUDIENCE_MISMATCH);
    }

    @ParameterizedTest
    @CsvSource({"aud, AUDIENCE_MISMATCH", "azp, AUDIENCE_MISMATCH", "exp, TOKEN_EXPIRED", "sub, SUBJECT_MISSING"})
    void tokenInfoThatDoesNotSayIsNoProof(String member, ReasonCode reason) {
        Person person = google.newcomer();
        Map<String, Object> info = info(person);
        info.remove(member);
        google.tokenInfo().answersJson(info);

        conversions.refuses(google.accessToken(person).mint(), reason);
    }

    private static Map<String, Object> info(Person person) {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("azp", google.clientId());
        info.put("aud", google.clientId());
        info.put("sub", person.subject());
        info.put("exp", Long.toString(Instant.now().plusSeconds(60).getEpochSecond()));
        return info;
    }

    private static Map<String, Object> with(Map<String, Object> object, String member, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(object);
        changed.put(member, value);
        return changed;
    }
}
