// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.Explained;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The flows that the admin set on the identity provider decide, for the browser and for conversion alike: what a browser
 * login does without a page, a conversion does; where the browser shows one, the conversion says so.
 */
@ExtendWith(KeycloakExtension.class)
class FlowsIT {

    private static final String DEFAULT = "first broker login";

    private static TestRealm realm;
    private static AdminApi admin;
    private static Google google;
    private static final AtomicInteger mails = new AtomicInteger();

    @AutoClose
    private static ServerSocket mailServer;

    @BeforeAll
    static void flows(TestRealm testRealm, SocialHosts hosts, AdminApi adminApi) throws IOException {
        realm = testRealm;
        admin = adminApi;
        google = hosts.get(Google.class);
        mailServer = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread counting = new Thread(FlowsIT::countMails, "mail server");
        counting.setDaemon(true);
        counting.start();
        admin.updateRealm(
                realm.name(),
                Map.of(
                        "smtpServer",
                        Map.of(
                                "host", "127.0.0.1",
                                "port", Integer.toString(mailServer.getLocalPort()),
                                "from", "realm@example.com")));
        createIfUnique();
        admin.createFlow(
                realm.name(), "detect", "idp-detect-existing-broker-user", "REQUIRED", "idp-auto-link", "REQUIRED");
        admin.createFlow(
                realm.name(), "deny", "idp-create-user-if-unique", "REQUIRED", "deny-access-authenticator", "REQUIRED");
        admin.createFlow(realm.name(), "allow", "allow-access-authenticator", "REQUIRED");
        admin.createFlow(realm.name(), "denied", "deny-access-authenticator", "REQUIRED");
        admin.createFlow(realm.name(), "otp", "auth-otp-form", "REQUIRED");
        admin.copyFlow(realm.name(), DEFAULT, "review");
        admin.configureExecution(
                realm.name(), "review", "idp-review-profile", Map.of("update.profile.on.first.login", "on"));
        realm.addSocialProvider("google", google, Map.of("trustEmail", "true"))
                .addConvertTokenMapper("google", Map.of("allowedClients", "*"));
    }

    private static void createIfUnique() {
        admin.createFlow(realm.name(), "unique", "idp-create-user-if-unique", "REQUIRED");
        admin.createFlow(
                realm.name(), "autolink", "idp-create-user-if-unique", "ALTERNATIVE", "idp-auto-link", "ALTERNATIVE");
        admin.createFlow(
                realm.name(),
                "mail",
                "idp-create-user-if-unique",
                "ALTERNATIVE",
                "idp-email-verification",
                "ALTERNATIVE");
    }

    /** Hangs up at once: that somebody calls is all that matters. */
    private static void countMails() {
        try {
            while (true) {
                mailServer.accept().close();
                mails.incrementAndGet();
            }
        } catch (IOException e) {
            // closed
        }
    }

    /** What becomes of the person: a new user, one who was there, a page (or a mail), or no entry at all. */
    enum Outcome {
        CREATED,
        LINKED,
        PAGE,
        DENIED
    }

    @ParameterizedTest(name = "{0}: somebody new is {1}, somebody whose address is taken is {2}")
    @CsvSource({
        "first broker login, CREATED, PAGE",
        "unique, CREATED, PAGE",
        "autolink, CREATED, LINKED",
        "detect, PAGE, LINKED",
        "deny, DENIED, PAGE",
        "mail, CREATED, PAGE",
        "review, PAGE, PAGE"
    })
    void firstLoginFlowDecides(String flow, Outcome ofNewcomer, Outcome ofTaken) {
        realm.updateIdentityProvider("google", Map.of("firstBrokerLoginFlowAlias", flow));

        assertThat(byConversion(google.newcomer())).isEqualTo(ofNewcomer);
        assertThat(byConversion(withTakenAddress())).isEqualTo(ofTaken);

        assertThat(byBrowser(google.newcomer())).isEqualTo(inBrowser(ofNewcomer));
        assertThat(byBrowser(withTakenAddress())).isEqualTo(inBrowser(ofTaken));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"allow, CREATED", "denied, DENIED", "otp, PAGE"})
    void postLoginFlowDecidesOnEveryLogin(String flow, Outcome outcome) {
        realm.updateIdentityProvider("google", Map.of("firstBrokerLoginFlowAlias", DEFAULT));
        Person known = google.newcomer();
        convert(known).expect(200);
        realm.updateIdentityProvider("google", Map.of("postBrokerLoginFlowAlias", flow));
        try {
            assertThat(byConversion(google.newcomer())).isEqualTo(outcome);
            assertThat(byBrowser(google.newcomer())).isEqualTo(inBrowser(outcome));
            assertThat(convert(known).status()).isEqualTo(outcome == Outcome.CREATED ? 200 : 400);
        } finally {
            realm.updateIdentityProvider("google", Map.of("postBrokerLoginFlowAlias", ""));
        }
        convert(known).expect(200);
    }

    /** Anybody with a token could have it sent again and again. The browser, after a page, does send it. */
    @Test
    void mailThatAFlowWouldSendIsNotSent() {
        realm.updateIdentityProvider("google", Map.of("firstBrokerLoginFlowAlias", "mail"));
        Person person = withTakenAddress();

        assertThat(byConversion(person)).isEqualTo(Outcome.PAGE);

        assertThat(mails).hasValue(0);
        assertThat(byBrowser(person)).isEqualTo(Outcome.PAGE);
        Await.until("the browser's mail", Duration.ofSeconds(10), () -> mails.get() == 1);
        mails.set(0);
    }

    /** The same answer, whoever is in the way. */
    private static Outcome byConversion(Person person) {
        int users = realm.userCount();
        Explained explained =
                Explained.of(realm, "google", google.idToken(person).mint());
        assertThat(realm.userCount()).isEqualTo(users);
        realm.clearEvents();
        Answer answer = convert(person);
        boolean isLinkedBefore = !answer.json().path("is_new_user").asBoolean(false);
        if (answer.status() == 200) {
            assertThat(realm.userCount()).isEqualTo(isLinkedBefore ? users : users + 1);
            String type = isLinkedBefore ? "FEDERATED_IDENTITY_LINK" : "REGISTER";
            assertThat(realm.event(type).detail("identity_provider")).isEqualTo("google");
            assertThat(explained.account()).isEqualTo(isLinkedBefore ? "would_link" : "would_create");
            return isLinkedBefore ? Outcome.LINKED : Outcome.CREATED;
        }
        assertThat(answer.status()).isEqualTo(400);
        assertThat(explained.outcome()).isEqualTo(answer.error());
        assertThat(explained.reason()).isEqualTo(realm.event("LOGIN_ERROR").detail("reason"));
        assertThat(realm.userCount()).isEqualTo(users);
        assertThat(answer.errorDescription()).doesNotContain(person.email(), person.username());
        return answer.error().equals("interaction_required") ? Outcome.PAGE : Outcome.DENIED;
    }

    private static Outcome byBrowser(Person person) {
        int users = realm.userCount();
        return BrowserLogin.withoutAnyPage(realm, "google", google, person)
                .map(tokens -> realm.userCount() > users ? Outcome.CREATED : Outcome.LINKED)
                .orElse(Outcome.PAGE);
    }

    /** A browser tells of being denied by a page, too. */
    private static Outcome inBrowser(Outcome outcome) {
        return outcome == Outcome.DENIED ? Outcome.PAGE : outcome;
    }

    private static Person withTakenAddress() {
        Person owner = Person.unknown();
        realm.addUser(owner);
        return google.newcomer().withEmail(owner.email());
    }

    private static Answer convert(Person person) {
        return realm.convert("google", google.idToken(person).mint());
    }
}
