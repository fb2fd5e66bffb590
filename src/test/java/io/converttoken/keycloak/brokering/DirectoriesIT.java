// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.LdapDirectory;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A realm whose people are in a directory, and a stranger who has, or says to have, the address or the name of one. */
@ExtendWith(KeycloakExtension.class)
class DirectoriesIT {

    private static KeycloakServer keycloak;
    private static FakeProvider provider;
    private static LdapDirectory directory;

    /** One for each mode, with Keycloak's user cache, and one without, for what changes in the directory. */
    private static final Map<String, TestRealm> REALMS = new HashMap<>();

    @BeforeAll
    static void start(KeycloakServer server, FakeProvider fakeProvider) {
        keycloak = server;
        provider = fakeProvider;
        directory = LdapDirectory.start();
    }

    @AfterAll
    static void stop() {
        REALMS.values().forEach(TestRealm::close);
        directory.close();
    }

    /** With and without import, and the edit modes that each allows. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @ParameterizedTest(name = "import {0}, {1}")
    @CsvSource({"true, READ_ONLY", "true, WRITABLE", "true, UNSYNCED", "false, READ_ONLY", "false, WRITABLE"})
    @interface InEachMode {}

    /** The look-up of the flow imports the person, and the refusal takes that back. */
    @InEachMode
    void refusedStrangerTakesNothingFromThePerson(String isImporting, String editMode) {
        TestRealm realm = cached(isImporting, editMode);
        Person byAddress = employee();
        Person byName = employee();
        Person byBoth = employee();
        int users = realm.userCount();

        List<Answer> refused = List.of(
                convert(realm, Person.unknown().withEmail(byAddress.email().toUpperCase(Locale.ROOT))),
                convert(realm, Person.unknown().withUsername(byName.username())),
                convert(realm, byBoth.withSubject("a-stranger")));

        assertThat(refused)
                .allSatisfy(answer -> assertThat(answer.expect(400).error()).isEqualTo("interaction_required"));
        assertThat(realm.userCount()).isEqualTo(users);
        for (Person person : List.of(byAddress, byName, byBoth)) {
            realm.signIn(TestRealm.APP, person.email(), person.username()).expect(200);
            realm.signIn(TestRealm.APP, person);
            realm.admin().addFederatedIdentity(realm.name(), person.username(), "social", person);
            convert(realm, person).expect(200);
        }
    }

    /** Only the directory may say what a person is called. */
    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void profileThatTheDirectoryDoesNotTakeIsRefused(String isImporting) {
        try (TestRealm realm =
                realm(Map.of("importEnabled", isImporting, "editMode", "READ_ONLY"), Map.of("syncMode", "FORCE"))) {
            Person person = employee();
            realm.signIn(TestRealm.APP, person);
            realm.admin().addFederatedIdentity(realm.name(), person.username(), "social", person);
            String token =
                    provider.idToken(person.withNames("Renamed", "Example")).mint();
            realm.clearEvents();

            Answer refused = convert(realm, token).expect(400);

            assertThat(refused.error()).isEqualTo("invalid_grant");
            UserEvent event = realm.event("LOGIN_ERROR");
            assertThat(event.error()).isEqualTo("identity_provider_login_failure");
            assertThat(event.detail("reason")).isEqualTo("profile_unstorable");
            // nothing is spent: by the same token, once the realm may be of another opinion
            realm.updateIdentityProvider("social", Map.of("syncMode", "IMPORT"));
            convert(realm, token).expect(200);
            realm.signIn(TestRealm.APP, person);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, WRITABLE", "false, WRITABLE", "true, UNSYNCED"})
    void profileIsWrittenWhereTheDirectoryTakesIt(String isImporting, String editMode) {
        try (TestRealm realm =
                realm(Map.of("importEnabled", isImporting, "editMode", editMode), Map.of("syncMode", "FORCE"))) {
            Person person = employee();
            realm.signIn(TestRealm.APP, person);
            realm.admin().addFederatedIdentity(realm.name(), person.username(), "social", person);

            convert(realm, person.withNames("Renamed", "Again")).expect(200);

            String familyName = editMode.equals("WRITABLE") ? "Again" : person.familyName();
            assertThat(directory.attribute(person, "sn")).hasValue(familyName);
            assertThat(realm.admin()
                            .user(realm.name(), person.username())
                            .path("lastName")
                            .asText())
                    .isEqualTo("Again");
        }
    }

    /** In a directory that takes new people, what is refused leaves none. */
    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void refusedNewcomerIsInNoDirectory(String isImporting) {
        Map<String, String> writable =
                Map.of("importEnabled", isImporting, "editMode", "WRITABLE", "syncRegistrations", "true");
        try (TestRealm realm = realm(writable, Map.of())) {
            realm.admin().createFlow(realm.name(), "denying", "deny-access-authenticator", "REQUIRED");
            Person welcome = Person.unknown();
            convert(realm, welcome).expect(200);
            assertThat(directory.has(welcome)).isTrue();
            realm.updateIdentityProvider("social", Map.of("postBrokerLoginFlowAlias", "denying"));
            Person refused = Person.unknown();

            assertThat(convert(realm, refused).expect(400).error()).isEqualTo("invalid_grant");

            assertThat(directory.has(refused)).isFalse();
            realm.updateIdentityProvider("social", Map.of("postBrokerLoginFlowAlias", ""));
            convert(realm, refused).expect(200);
        }
    }

    /** By the person, and by an administrator, whichever way the id is written into the address. */
    @InEachMode
    void whatAPersonHasEnds(String isImporting, String editMode) {
        TestRealm realm = cached(isImporting, editMode);
        Person person = employee("j\u00F6rg ");
        Answer password = signIn(realm, person);
        String id = password.accessTokenClaims().path("sub").asText();
        assertThat(id.startsWith("f:")).isEqualTo(isImporting.equals("false"));
        connect(realm, password, person).expect(204);
        Answer converted = convert(realm, person).expect(200);
        assertThat(converted.accessTokenClaims().path("sub").asText()).isEqualTo(id);
        assertThat(converted.json().path("is_new_user").asBoolean()).isFalse();

        invalidate(realm, "invalidate-refresh-tokens", password, true).expect(204);
        refresh(realm, converted).expect(400);
        Answer kept = refresh(realm, password).expect(200);
        realm.userInfo(converted.accessToken()).expect(200);

        invalidate(realm, "invalidate-sessions", kept, true).expect(204);
        realm.userInfo(converted.accessToken()).expect(401);
        invalidate(realm, "invalidate-sessions", kept, false).expect(204);
        refresh(realm, kept).expect(400);
        realm.userInfo(kept.accessToken()).expect(401);

        String encoded = URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
        for (String path : new HashSet<>(List.of(encoded, encoded.replace("%3A", ":")))) {
            Answer again = convert(realm, person).expect(200);
            administrate(realm, path, "invalidate-refresh-tokens");
            refresh(realm, again).expect(400);
            realm.userInfo(again.accessToken()).expect(200);
            assertThat(administrate(realm, path, "invalidate-sessions")
                            .path("sessions")
                            .asInt())
                    .isEqualTo(1);
            realm.userInfo(again.accessToken()).expect(401);
        }
        assertThat(administrate(realm, encoded, "invalidate-sessions")
                        .path("sessions")
                        .asInt())
                .isZero();
    }

    /** The person is another user's then, who is not to be taken over. */
    @InEachMode
    void disconnectedPersonIsAStranger(String isImporting, String editMode) {
        TestRealm realm = cached(isImporting, editMode);
        Person person = employee();
        Answer password = signIn(realm, person);
        connect(realm, password, person).expect(204);
        Answer converted = convert(realm, person).expect(200);

        realm.call("/auth/disconnect-backend")
                .bearer(password.accessToken())
                .param("backend", "social")
                .post()
                .expect(204);

        refresh(realm, converted).expect(400);
        assertThat(convert(realm, person).expect(400).error()).isEqualTo("interaction_required");
        refresh(realm, password).expect(200);
    }

    @InEachMode
    void whoIsDisabledInTheDirectorySignsInNoMore(String isImporting, String editMode) {
        TestRealm realm = uncached(isImporting, editMode);
        Person person = connectedEmployee(realm);
        convert(realm, person).expect(200);
        realm.clearEvents();

        directory.disable(person);

        assertThat(convert(realm, person).expect(400).error()).isEqualTo("invalid_grant");
        assertThat(realm.event("LOGIN_ERROR").error()).isEqualTo("user_disabled");
    }

    /** What the directory does not know any more is a newcomer to Keycloak: the first-login flow decides, as in a browser. */
    @InEachMode
    void whoHasGoneFromTheDirectoryIsANewcomer(String isImporting, String editMode) {
        TestRealm realm = uncached(isImporting, editMode);
        Person person = connectedEmployee(realm);
        Answer before = convert(realm, person).expect(200);

        directory.remove(person);

        assertThat(refresh(realm, before).status()).isEqualTo(400);
        Answer after = convert(realm, person).expect(200);
        assertThat(after.json().path("is_new_user").asBoolean()).isTrue();
        assertThat(after.accessTokenClaims().path("sub"))
                .isNotEqualTo(before.accessTokenClaims().path("sub"));
        assertThat(directory.has(person)).isFalse();
    }

    /** An imported person is known by the entry, another one by the name alone. */
    @InEachMode
    void whoIsRenamedInTheDirectoryIsTheSameWhereItIsImported(String isImporting, String editMode) {
        TestRealm realm = uncached(isImporting, editMode);
        Person person = connectedEmployee(realm);
        String id = convert(realm, person)
                .expect(200)
                .accessTokenClaims()
                .path("sub")
                .asText();

        directory.rename(person, person.username() + "-renamed");

        Answer after = convert(realm, person);
        if (isImporting.equals("true")) {
            assertThat(after.expect(200).accessTokenClaims().path("sub").asText())
                    .isEqualTo(id);
        } else {
            assertThat(after.expect(400).error()).isEqualTo("interaction_required");
        }
    }

    @InEachMode
    void newcomerIsAUserOfTheRealmUnlessTheDirectoryTakesThem(String isImporting, String editMode) {
        TestRealm realm = cached(isImporting, editMode);
        Person person = Person.unknown();

        Answer first = convert(realm, person).expect(200);

        assertThat(first.json().path("is_new_user").asBoolean()).isTrue();
        assertThat(directory.has(person)).isEqualTo(editMode.equals("WRITABLE"));
        assertThat(convert(realm, person).expect(200).accessTokenClaims().path("sub"))
                .isEqualTo(first.accessTokenClaims().path("sub"));
    }

    private static Person connectedEmployee(TestRealm realm) {
        Person person = employee();
        connect(realm, signIn(realm, person), person).expect(204);
        return person;
    }

    private static Answer signIn(TestRealm realm, Person person) {
        return realm.signIn(TestRealm.APP, person);
    }

    private static Answer refresh(TestRealm realm, Answer tokens) {
        return realm.refresh(TestRealm.APP, tokens.refreshToken());
    }

    private static Answer connect(TestRealm realm, Answer tokens, Person person) {
        return realm.call("/auth/connect-backend")
                .bearer(tokens.accessToken())
                .param("backend", "social")
                .param("token", newToken(person))
                .post();
    }

    private static Answer invalidate(TestRealm realm, String endpoint, Answer tokens, boolean isCurrentSpared) {
        return realm.call("/auth/" + endpoint)
                .bearer(tokens.accessToken())
                .param("client_id", TestRealm.APP.clientId())
                .param("except_current", Boolean.toString(isCurrentSpared))
                .post();
    }

    private static JsonNode administrate(TestRealm realm, String userId, String operation) {
        return realm.admin()
                .call(realm.name() + "/auth/users/" + userId + "/" + operation)
                .param("client_id", TestRealm.APP.clientId())
                .post()
                .expect(200)
                .json();
    }

    /** One that is like no other, because each is for single use. */
    private static String newToken(Person person) {
        return provider.idToken(person)
                .claim("jti", UUID.randomUUID().toString())
                .mint();
    }

    private static Person employee(String prefix) {
        Person person = Person.unknown();
        Person named = person.withUsername(prefix + person.username());
        directory.add(named);
        return named;
    }

    private static Person employee() {
        Person person = Person.unknown();
        directory.add(person);
        return person;
    }

    private static TestRealm cached(String isImporting, String editMode) {
        return REALMS.computeIfAbsent(
                "cached " + isImporting + editMode,
                key -> realm(
                        Map.of("importEnabled", isImporting, "editMode", editMode, "syncRegistrations", "true"),
                        Map.of()));
    }

    private static TestRealm uncached(String isImporting, String editMode) {
        return REALMS.computeIfAbsent("uncached " + isImporting + editMode, key -> {
            TestRealm realm = realm(
                    Map.of("importEnabled", isImporting, "editMode", editMode, "cachePolicy", "NO_CACHE"), Map.of());
            directory.letReadWhoIsDisabled(realm);
            return realm;
        });
    }

    private static TestRealm realm(Map<String, String> federation, Map<String, String> identityProvider) {
        TestRealm realm = TestRealm.createIn(keycloak)
                .addOidcProvider("social", provider, identityProvider)
                .addConvertTokenMapper("social", Map.of("allowedClients", "*", "singleUse", "true"));
        directory.federateWith(realm, federation);
        return realm;
    }

    private static Answer convert(TestRealm realm, Person person) {
        return convert(realm, newToken(person));
    }

    private static Answer convert(TestRealm realm, String token) {
        return realm.conversion("social", token).param("scope", "openid").post();
    }
}
