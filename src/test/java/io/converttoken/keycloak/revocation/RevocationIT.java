// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.LdapDirectory;
import io.converttoken.keycloak.testing.Metrics;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.RecordedRequest;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.Facebook;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a provider gave for a person is revoked there when the identity is removed here, and only then. */
class RevocationIT {

    private static final Duration SOON = Duration.ofSeconds(15);

    private static final List<String> OPTIONS = List.of(
            "--spi-events-listener--convert-token-revocation--interval-millis=200",
            "--spi-events-listener--convert-token-revocation--first-retry-millis=200",
            "--spi-events-listener--convert-token-revocation--give-up-millis=3000",
            "--spi-events-listener--convert-token-revocation--sweep-millis=500",
            "--spi-events-listener--convert-token-revocation--sweep-grace-millis=1000",
            "--spi-identity-provider-mapper--convert-token--breaker-failures=1000000",
            "--metrics-enabled=true");

    private static SocialHosts hosts;
    private static KeycloakServer keycloak;
    private static TestRealm realm;
    private static Apple apple;
    private static Google google;
    private static Facebook facebook;

    @BeforeAll
    static void start(@TempDir Path directory) {
        assumeTrue(KeycloakServer.isDistribution(), "the server is started from the distribution");
        hosts = SocialHosts.start(directory);
        keycloak = KeycloakServer.startWith(hosts, OPTIONS, "keycloak-it-revocation.log");
        realm = TestRealm.createIn(keycloak);
        apple = hosts.get(Apple.class);
        google = hosts.get(Google.class);
        facebook = hosts.get(Facebook.class);
        add("apple", apple, Map.of("storeToken", "true"), Map.of());
        add("google", google, Map.of("storeToken", "true"), Map.of("revokeTokens", "true"));
        add("google-keeping", google, Map.of("storeToken", "true"), Map.of());
        add("facebook", facebook, Map.of(), Map.of("revokeTokens", "true"));
        add("apple-forgetting", apple, Map.of(), Map.of());
    }

    private static void add(
            String alias, SocialProvider provider, Map<String, String> settings, Map<String, String> mapper) {
        Map<String, String> all = new HashMap<>(mapper);
        all.put("allowedClients", "*");
        realm.addSocialProvider(alias, provider, settings).addConvertTokenMapper(alias, all);
    }

    @AfterAll
    static void stop() {
        if (keycloak != null) {
            keycloak.close();
            hosts.close();
        }
    }

    @BeforeEach
    void forgetCalls() {
        hosts.reset();
        realm.clearEvents();
    }

    private enum Removal {
        USER_DELETED {
            @Override
            void of(Person person, Answer tokens) {
                realm.admin().deleteUser(realm.name(), userName(person));
            }
        },
        UNLINKED_BY_ADMINISTRATOR {
            @Override
            void of(Person person, Answer tokens) {
                realm.admin().removeFederatedIdentity(realm.name(), userName(person), "apple");
            }
        },
        UNLINKED_BY_THE_PERSON {
            @Override
            void of(Person person, Answer tokens) {
                withPassword(person);
                realm.call("/account/linked-accounts/apple")
                        .header("Accept", "application/json")
                        .bearer(tokens.accessToken())
                        .delete()
                        .expect(204);
            }
        },
        DISCONNECTED {
            @Override
            void of(Person person, Answer tokens) {
                withPassword(person);
                realm.call("/auth/disconnect-backend")
                        .bearer(tokens.accessToken())
                        .param("backend", "apple")
                        .post()
                        .expect(204);
            }
        };

        abstract void of(Person person, Answer tokens);
    }

    /** With another way to sign in, without which no identity can be taken away. */
    private static void withPassword(Person person) {
        String id =
                realm.admin().user(realm.name(), userName(person)).path("id").asText();
        realm.admin()
                .put(
                        realm.name() + "/users/" + id + "/reset-password",
                        Map.of("type", "password", "value", "secret", "temporary", false));
    }

    private static String userName(Person person) {
        return realm.admin().users(realm.name()).stream()
                .filter(user -> user.path("email").asText().equalsIgnoreCase(person.email()))
                .map(user -> user.path("username").asText())
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void storedTokenIsRevokedOnceHoweverTheIdentityIsLost(Removal removal) {
        Person person = apple.newcomer();
        Answer tokens = BrowserLogin.through(realm, "apple", apple, person);
        Person other = apple.newcomer();
        BrowserLogin.through(realm, "apple", apple, other);

        removal.of(person, tokens);

        RecordedRequest call = onlyCall(apple.revocation());
        assertThat(call.form())
                .containsEntry("token", apple.refreshToken(person, apple.clientId()))
                .containsEntry("client_id", apple.clientId())
                .containsEntry("token_type_hint", "refresh_token");
        UserEvent event = realm.event("REVOKE_GRANT");
        assertThat(event.toString()).doesNotContain("refresh-token").contains("apple");
    }

    @Test
    void laterLoginAndConversionChangeNothing() {
        Person person = apple.newcomer();
        BrowserLogin.through(realm, "apple", apple, person);
        BrowserLogin.through(realm, "apple", apple, person);
        realm.convert("apple", apple.idToken(person).audience(apple.clientId()).mint())
                .expect(200);

        realm.admin().deleteUser(realm.name(), userName(person));

        assertThat(onlyCall(apple.revocation()).form())
                .containsEntry("token", apple.refreshToken(person, apple.clientId()));
    }

    /** Apple wants to hear it from the client to which it gave the token. */
    @Test
    void tokensOfAnAppAndOfTheWebSiteAreRevokedEachForItsClient() {
        add("apple-with-key", apple, Map.of("storeToken", "true"), apple.mapper());
        Person person = apple.newcomer();
        realm.admin().requireNothingOfUsers(realm.name());
        realm.codeConversion("apple-with-key", apple.code(person).mint()).post().expect(200);
        BrowserLogin.through(realm, "apple-with-key", apple, person);

        realm.admin().deleteUser(realm.name(), userName(person));

        Await.until("two revocations", SOON, () -> apple.revocation().requestCount() >= 2);
        assertThat(apple.revocation().requests())
                .extracting(
                        call -> call.form().get("client_id") + " " + call.form().get("token"))
                .containsExactlyInAnyOrder(
                        Apple.BUNDLE_ID + " " + apple.refreshToken(person, Apple.BUNDLE_ID),
                        apple.clientId() + " " + apple.refreshToken(person, apple.clientId()));
    }

    /** Keycloak tells of such a user only when the links have gone. */
    @Test
    void personWhoVanishesFromTheDirectoryIsRevoked() {
        try (LdapDirectory directory = LdapDirectory.start();
                TestRealm company = inDirectory(directory)) {
            Person person = apple.newcomer();
            signedInByApple(company, directory, person);

            directory.remove(person);
            assertThat(company.admin().findUser(company.name(), person.username()))
                    .isEmpty();

            Await.until("a revocation", SOON, () -> apple.revocation().requestCount() > 0);
            assertThat(apple.revocation().requests())
                    .singleElement()
                    .satisfies(call -> assertThat(call.form())
                            .containsEntry("token", apple.refreshToken(person, Apple.BUNDLE_ID)));
        }
    }

    /** Keycloak deletes all imported users in one statement, and tells nobody. */
    @Test
    void peopleOfADirectoryThatIsRemovedAreRevoked() {
        try (LdapDirectory directory = LdapDirectory.start();
                TestRealm company = inDirectory(directory)) {
            Person person = apple.newcomer();
            signedInByApple(company, directory, person);
            String id = company.admin()
                    .get(company.name() + "/components?type=org.keycloak.storage.UserStorageProvider")
                    .path(0)
                    .path("id")
                    .asText();

            company.admin().delete(company.name() + "/components/" + id);

            Await.until("a revocation", SOON, () -> apple.revocation().requestCount() > 0);
            assertThat(apple.revocation().requests())
                    .singleElement()
                    .satisfies(call -> assertThat(call.form())
                            .containsEntry("token", apple.refreshToken(person, Apple.BUNDLE_ID)));
        }
    }

    private static TestRealm inDirectory(LdapDirectory directory) {
        TestRealm company = TestRealm.createIn(keycloak);
        Map<String, String> mapper = new HashMap<>(apple.mapper());
        mapper.put("allowedClients", "*");
        company.addSocialProvider("apple", apple, Map.of("storeToken", "true")).addConvertTokenMapper("apple", mapper);
        company.admin().requireNothingOfUsers(company.name());
        directory.federateWith(
                company, Map.of("importEnabled", "true", "editMode", "READ_ONLY", "cachePolicy", "NO_CACHE"));
        return company;
    }

    private static void signedInByApple(TestRealm company, LdapDirectory directory, Person person) {
        directory.add(person);
        company.signIn(TestRealm.APP, person);
        company.admin().addFederatedIdentity(company.name(), person.username(), "apple", person);
        company.codeConversion("apple", apple.code(person).mint()).post().expect(200);
    }

    @Test
    void nothingIsSentWhenTheIdentityProviderIsDeleted() {
        add("apple-deleted", apple, Map.of("storeToken", "true"), Map.of());
        Person person = apple.newcomer();
        BrowserLogin.through(realm, "apple-deleted", apple, person);
        Person kept = apple.newcomer();
        BrowserLogin.through(realm, "apple", apple, kept);

        realm.admin().deleteIdentityProvider(realm.name(), "apple-deleted");
        realm.admin().deleteUser(realm.name(), userName(kept));

        assertThat(onlyCall(apple.revocation()).form())
                .containsEntry("token", apple.refreshToken(kept, apple.clientId()));
    }

    @Test
    void failureIsTriedAgainUntilItSucceeds() {
        Person person = apple.newcomer();
        BrowserLogin.through(realm, "apple", apple, person);
        apple.revocation().answersStatus(503);

        realm.admin().deleteUser(realm.name(), userName(person));
        Await.until("two attempts", SOON, () -> apple.revocation().requestCount() >= 2);
        apple.revocation().answersNormally();

        realm.event("REVOKE_GRANT");
        assertThat(apple.revocation().requests())
                .allSatisfy(call ->
                        assertThat(call.form()).containsEntry("token", apple.refreshToken(person, apple.clientId())));
    }

    @Test
    void deadTokenIsDone() {
        Person person = apple.newcomer();
        BrowserLogin.through(realm, "apple", apple, person);
        apple.revocation().answers(400, "application/json", "{\"error\":\"invalid_grant\"}");

        realm.admin().deleteUser(realm.name(), userName(person));

        realm.event("REVOKE_GRANT");
        assertThat(apple.revocation().requestCount()).isEqualTo(1);
    }

    @Test
    void refusedRevocationIsGivenUpInTheEnd() {
        Person person = apple.newcomer();
        BrowserLogin.through(realm, "apple", apple, person);
        apple.revocation().answers(400, "application/json", "{\"error\":\"invalid_client\"}");

        realm.admin().deleteUser(realm.name(), userName(person));

        UserEvent event = Await.untilPresent(
                "the end",
                SOON,
                () -> realm.events().stream()
                        .filter(found -> found.type().equals("REVOKE_GRANT_ERROR"))
                        .findFirst());
        assertThat(event.toString()).doesNotContain("refresh-token").contains("provider_error");
        assertThat(Metrics.of(keycloak).text())
                .contains("convert_token_revocations_total{backend=\"apple\",outcome=\"given_up\"");
    }

    @Test
    void nothingIsSentWhereNothingIsStoredOrWanted() {
        Person forgotten = apple.newcomer();
        BrowserLogin.through(realm, "apple-forgetting", apple, forgotten);
        Person kept = google.newcomer();
        BrowserLogin.through(realm, "google-keeping", google, kept);
        Person last = google.newcomer();
        BrowserLogin.through(realm, "google", google, last);

        for (Person person : List.of(forgotten, kept, last)) {
            realm.admin().deleteUser(realm.name(), userName(person));
        }

        assertThat(onlyCall(google.revocation()).form()).containsEntry("token", google.refreshToken(last));
        assertThat(apple.revocation().requestCount()).isZero();
    }

    @Test
    void facebookTakesBackThePermissionsOfThePerson() {
        Person person = facebook.newcomer();
        ProviderEndpoint permissions = facebook.permissionsOf(person);
        realm.convert("facebook", facebook.accessToken(person).mint()).expect(200);

        realm.admin().deleteUser(realm.name(), userName(person));

        assertThat(onlyCall(permissions).method()).isEqualTo("DELETE");
        realm.event("REVOKE_GRANT");
    }

    @Test
    void successThatIsFalseIsNone() {
        Person person = facebook.newcomer();
        ProviderEndpoint permissions = facebook.permissionsOf(person);
        permissions.answersJson(Map.of("success", false));
        realm.convert("facebook", facebook.accessToken(person).mint()).expect(200);

        realm.admin().deleteUser(realm.name(), userName(person));
        Await.until("two attempts", SOON, () -> permissions.requestCount() >= 2);
        permissions.answersJson(Map.of("success", true));

        realm.event("REVOKE_GRANT");
    }

    private static RecordedRequest onlyCall(ProviderEndpoint endpoint) {
        Await.until("a revocation", SOON, () -> endpoint.requestCount() > 0);
        realm.event("REVOKE_GRANT");
        assertThat(endpoint.requests()).hasSize(1);
        return endpoint.requests().get(0);
    }
}
