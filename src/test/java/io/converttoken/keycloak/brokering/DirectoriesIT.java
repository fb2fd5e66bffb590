package io.converttoken.keycloak.brokering;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.LdapDirectory;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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

    @BeforeAll
    static void start(KeycloakServer server, FakeProvider fakeProvider) {
        keycloak = server;
        provider = fakeProvider;
        directory = LdapDirectory.start();
    }

    @AfterAll
    static void stop() {
        directory.close();
    }

    /** The look-up of the flow imports the person, and the refusal takes that back. */
    @ParameterizedTest
    @CsvSource({"true, READ_ONLY", "true, WRITABLE", "true, UNSYNCED", "false, READ_ONLY", "false, WRITABLE"})
    void refusedStrangerTakesNothingFromThePerson(String isImporting, String editMode) {
        try (TestRealm realm = realm(Map.of("importEnabled", isImporting, "editMode", editMode), Map.of())) {
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
                realm.signIn(TestRealm.APP, person.username(), person.username())
                        .expect(200);
                realm.admin().addFederatedIdentity(realm.name(), person.username(), "social", person);
                convert(realm, person).expect(200);
            }
        }
    }

    /** Only the directory may say what a person is called. */
    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void profileThatTheDirectoryDoesNotTakeIsRefused(String isImporting) {
        try (TestRealm realm =
                realm(Map.of("importEnabled", isImporting, "editMode", "READ_ONLY"), Map.of("syncMode", "FORCE"))) {
            Person person = employee();
            realm.signIn(TestRealm.APP, person.username(), person.username()).expect(200);
            realm.admin().addFederatedIdentity(realm.name(), person.username(), "social", person);
            String token =
                    provider.idToken(person.withNames("Renamed", "Example")).mint();
            realm.clearEvents();

            Answer refused = convert(realm, token).expect(400);

            assertThat(refused.error()).isEqualTo("invalid_grant");
            UserEvent event = realm.event("LOGIN_ERROR");
            assertThat(event.error()).isEqualTo("identity_provider_login_failure");
            assertThat(event.detail("reason")).isEqualTo("profile can not be stored");
            // nothing is spent: by the same token, once the realm may be of another opinion
            realm.updateIdentityProvider("social", Map.of("syncMode", "IMPORT"));
            convert(realm, token).expect(200);
            realm.signIn(TestRealm.APP, person.username(), person.username()).expect(200);
        }
    }

    @Test
    void profileIsWrittenWhereTheDirectoryTakesIt() {
        try (TestRealm realm = realm(Map.of("editMode", "WRITABLE"), Map.of("syncMode", "FORCE"))) {
            Person person = employee();
            realm.signIn(TestRealm.APP, person.username(), person.username()).expect(200);
            realm.admin().addFederatedIdentity(realm.name(), person.username(), "social", person);

            convert(realm, person.withNames("Renamed", "Again")).expect(200);

            assertThat(directory.attribute(person, "sn")).hasValue("Again");
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

    private static Person employee() {
        Person person = Person.unknown();
        directory.add(person);
        return person;
    }

    private static TestRealm realm(Map<String, String> federation, Map<String, String> identityProvider) {
        TestRealm realm = TestRealm.createIn(keycloak)
                .addOidcProvider("social", provider, identityProvider)
                .addConvertTokenMapper("social", Map.of("allowedClients", "*", "singleUse", "true"));
        directory.federateWith(realm, federation);
        return realm;
    }

    private static Answer convert(TestRealm realm, Person person) {
        return convert(realm, provider.idToken(person).mint());
    }

    private static Answer convert(TestRealm realm, String token) {
        return realm.convertTokenEndpoint()
                .as(TestRealm.APP)
                .param("backend", "social")
                .param("token", token)
                .post();
    }
}
