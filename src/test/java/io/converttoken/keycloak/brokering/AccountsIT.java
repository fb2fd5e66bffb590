// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which user a verified identity becomes, and when a person has to be asked. */
@ExtendWith(KeycloakExtension.class)
class AccountsIT {

    private static TestRealm realm;
    private static FakeProvider provider;
    private static AdminApi admin;
    private static KeycloakServer keycloak;

    @BeforeAll
    static void backend(TestRealm testRealm, FakeProvider fakeProvider, AdminApi adminApi, KeycloakServer server) {
        realm = testRealm;
        provider = fakeProvider;
        admin = adminApi;
        keycloak = server;
        realm.addOidcProvider("social", provider, Map.of("trustEmail", "true"))
                .addConvertTokenMapper("social", Map.of("allowedClients", "*"));
    }

    @Test
    void linkedUserSignsInWhateverTheAddressSays() {
        Person person = Person.unknown();
        realm.addUser(person);
        admin.addFederatedIdentity(realm.name(), person.username(), "social", person);

        Answer answer = convert(person.withEmail("new@provider.example").withUsername("renamed"));

        assertThat(answer.expect(200).json().path("is_new_user").asBoolean(true))
                .isFalse();
        assertThat(answer.accessTokenClaims().path("preferred_username").asText())
                .isEqualTo(person.username());
    }

    @Test
    void takenEmailAddressNeedsThePerson() {
        assertInteractionRequired(() -> convert(Person.unknown().withEmail(TestRealm.ALICE.email())));
    }

    @Test
    void takenUserNameNeedsThePerson() {
        assertInteractionRequired(() -> convert(Person.unknown().withUsername(TestRealm.ALICE.username())));
    }

    @Test
    void incompleteProfileNeedsThePerson() {
        Person person = Person.unknown();
        String token = provider.idToken(person)
                .without("email")
                .without("preferred_username")
                .mint();

        assertInteractionRequired(() -> convert(TestRealm.APP, token));
    }

    @Test
    void pendingRequiredActionNeedsThePerson() {
        Person person = Person.unknown();
        convert(person).expect(200);
        admin.updateUser(realm.name(), person.username(), Map.of("requiredActions", List.of("UPDATE_PASSWORD")));

        assertInteractionRequired(() -> convert(person));
    }

    @Test
    void addressToVerifyNeedsThePersonAndLeavesNoUser() {
        try (TestRealm verifying = TestRealm.createIn(keycloak)) {
            admin.updateRealm(verifying.name(), Map.of("verifyEmail", true));
            verifying
                    .addOidcProvider("social", provider, Map.of("trustEmail", "false"))
                    .addConvertTokenMapper("social", Map.of("allowedClients", "*"));
            int users = verifying.userCount();

            Answer answer = verifying.convert(
                    "social", provider.idToken(Person.unknown()).mint());

            assertThat(answer.expect(400).error()).isEqualTo("interaction_required");
            assertThat(verifying.userCount()).isEqualTo(users);
        }
    }

    @Test
    void trustedAddressIsVerified() {
        Person person = Person.unknown();

        convert(person).expect(200);

        assertThat(admin.user(realm.name(), person.username())
                        .path("emailVerified")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void addressThatTheProviderHasNotVerifiedIsNotVerifiedHere() {
        Person person = Person.unknown().withUnverifiedEmail();

        convert(person).expect(200);

        assertThat(admin.user(realm.name(), person.username())
                        .path("emailVerified")
                        .asBoolean(true))
                .isFalse();
    }

    @Test
    void missingConsentNeedsThePerson() {
        TestClient consenting = realm.addConfidentialClient("consenting", Map.of("consentRequired", true));
        Person person = Person.unknown();
        String token = provider.idToken(person).mint();

        assertInteractionRequired(() -> convert(consenting, token));
    }

    @Test
    void postLoginFlowNeedsThePerson() {
        Person person = Person.unknown();
        convert(person).expect(200);
        realm.updateIdentityProvider("social", Map.of("postBrokerLoginFlowAlias", "browser"));
        try {
            assertInteractionRequired(() -> convert(person));
        } finally {
            realm.updateIdentityProvider("social", Map.of("postBrokerLoginFlowAlias", ""));
        }
        convert(person).expect(200);
    }

    @Test
    void linkOnlyIdentityProviderSignsNobodyIn() {
        Person linked = Person.unknown();
        convert(linked).expect(200);
        realm.updateIdentityProvider("social", Map.of("linkOnly", "true"));
        try {
            int users = realm.userCount();
            for (Person person : List.of(linked, Person.unknown())) {
                realm.clearEvents();
                Answer answer = convert(person).expect(400);
                assertThat(answer.error()).isEqualTo("invalid_grant");
                assertThat(answer.errorDescription()).isEqualTo("This backend is for account linking only");
                assertThat(realm.event("LOGIN_ERROR").error()).isEqualTo("not_allowed");
            }
            assertThat(realm.userCount()).isEqualTo(users);
        } finally {
            realm.updateIdentityProvider("social", Map.of("linkOnly", "false"));
        }
    }

    @Test
    void forcedSynchronisationTakesNamesOver() {
        Person person = Person.unknown();
        convert(person).expect(200);
        Person renamed = person.withNames("New", "Name").withUsername("renamed-" + person.username());
        convert(renamed).expect(200);
        assertThat(admin.user(realm.name(), person.username()).path("firstName").asText())
                .isEqualTo(person.givenName());

        realm.updateIdentityProvider("social", Map.of("syncMode", "FORCE"));
        convert(renamed).expect(200);
        realm.updateIdentityProvider("social", Map.of("syncMode", "IMPORT"));

        assertThat(admin.user(realm.name(), person.username()).path("firstName").asText())
                .isEqualTo("New");
        assertThat(admin.federatedIdentities(realm.name(), person.username()))
                .singleElement()
                .satisfies(link -> assertThat(link.path("userName").asText()).isEqualTo(renamed.username()));
    }

    @Test
    void mapperOfTheIdentityProviderFollowsItsSynchronisation() {
        Person person = Person.unknown();
        String id = admin.createIdentityProviderMapper(
                realm.name(),
                "social",
                Map.of(
                        "name", "given name as nickname",
                        "identityProviderAlias", "social",
                        "identityProviderMapper", "oidc-user-attribute-idp-mapper",
                        "config", Map.of("claim", "given_name", "user.attribute", "lastName", "syncMode", "FORCE")));
        try {
            convert(person).expect(200);
            assertThat(lastName(person)).isEqualTo(person.givenName());

            convert(person.withNames("Other", person.familyName())).expect(200);
            assertThat(lastName(person)).isEqualTo("Other");
        } finally {
            admin.deleteIdentityProviderMapper(realm.name(), "social", id);
        }
    }

    private static String lastName(Person person) {
        return admin.user(realm.name(), person.username()).path("lastName").asText();
    }

    /** Who has been disconnected is a stranger whose address is taken. */
    @Test
    void unlinkedIdentityNeedsThePerson() {
        Person person = Person.unknown();
        convert(person).expect(200);
        admin.removeFederatedIdentity(realm.name(), person.username(), "social");

        assertInteractionRequired(() -> convert(person));
    }

    @Test
    void userWhoWasRemovedIsNewAgain() {
        Person person = Person.unknown();
        convert(person).expect(200);
        admin.deleteUser(realm.name(), person.username());

        assertThat(convert(person).expect(200).json().path("is_new_user").asBoolean())
                .isTrue();
    }

    /** The flows run in an authentication session that no browser ever hears of. */
    @Test
    void conversionSetsNoCookie() {
        assertThat(convert(Person.unknown()).expect(200).header("Set-Cookie")).isEmpty();
        assertThat(convert(Person.unknown().withEmail(TestRealm.ALICE.email()))
                        .expect(400)
                        .header("Set-Cookie"))
                .isEmpty();
    }

    @Test
    void hiddenIdentityProviderConverts() {
        realm.updateIdentityProvider("social", Map.of("hideOnLogin", "true"));
        try {
            convert(Person.unknown()).expect(200);
        } finally {
            realm.updateIdentityProvider("social", Map.of("hideOnLogin", "false"));
        }
    }

    /** A claim of which there is nothing to keep must not keep the person out. */
    @Test
    void claimThatIsNullIsNoObstacle() {
        Map<String, Object> nulls = new HashMap<>();
        nulls.put("nonce", null);
        nulls.put("picture", null);
        String token = provider.idToken(Person.unknown()).claims(nulls).mint();

        convert(TestRealm.APP, token).expect(200);
    }

    @Test
    void addressThatOnlyTheTokenCallsUnverifiedIsNotVerifiedHere() {
        Person person = Person.unknown();
        String token = provider.opaqueToken(person)
                .introspects("email_verified", false)
                .noUserInfo("email_verified")
                .mint();

        convert(TestRealm.APP, token).expect(200);

        assertThat(admin.user(realm.name(), person.username())
                        .path("emailVerified")
                        .asBoolean(true))
                .isFalse();
    }

    @Test
    void disabledUserIsRefused() {
        Person person = Person.unknown();
        convert(person).expect(200);
        admin.updateUser(realm.name(), person.username(), Map.of("enabled", false));
        realm.clearEvents();

        Answer answer = convert(person);

        assertThat(answer.expect(400).error()).isEqualTo("invalid_grant");
        UserEvent event = realm.event("LOGIN_ERROR");
        assertThat(event.error()).isEqualTo("user_disabled");
        assertThat(event.userId())
                .isEqualTo(
                        admin.user(realm.name(), person.username()).path("id").asText());
    }

    @Test
    void userLockedByBruteForceProtectionIsRefused() {
        try (TestRealm guarded = TestRealm.createIn(keycloak)) {
            admin.updateRealm(guarded.name(), Map.of("bruteForceProtected", true, "failureFactor", 2));
            guarded.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
            Person person = Person.unknown();
            guarded.addUser(person);
            admin.addFederatedIdentity(guarded.name(), person.username(), "social", person);
            IntStream.range(0, 4).forEach(i -> guarded.signIn(TestRealm.APP, person.username(), "wrong-" + i));

            Answer answer = guarded.convert("social", provider.idToken(person).mint());

            assertThat(answer.expect(400).error()).isEqualTo("invalid_grant");
            assertThat(guarded.event("LOGIN_ERROR").error()).isEqualTo("user_temporarily_disabled");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void manyFirstConversionsOfOneIdentityMakeOneUser(boolean sameProfile) throws Exception {
        int callers = 30;
        Person person = Person.unknown();
        int users = realm.userCount();
        List<Callable<Answer>> conversions = IntStream.range(0, callers)
                .mapToObj(i -> sameProfile ? person : Person.unknown().withSubject(person.subject()))
                .map(profile -> provider.idToken(profile).mint())
                .<Callable<Answer>>map(token -> () -> convert(TestRealm.APP, token))
                .toList();
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            int created = 0;
            for (Future<Answer> answer : threads.invokeAll(conversions)) {
                created += answer.get().expect(200).json().path("is_new_user").asBoolean() ? 1 : 0;
            }
            assertThat(created).isEqualTo(1);
            assertThat(realm.userCount()).isEqualTo(users + 1);
        } finally {
            threads.shutdownNow();
        }
        convert(person).expect(200);
    }

    private static void assertInteractionRequired(java.util.function.Supplier<Answer> conversion) {
        int users = realm.userCount();
        realm.clearEvents();

        Answer answer = conversion.get();

        assertThat(answer.expect(400).error()).isEqualTo("interaction_required");
        assertThat(answer.errorDescription())
                .isEqualTo("Send the user to the browser flow with kc_idp_hint=social")
                .doesNotContain(TestRealm.ALICE.username(), TestRealm.ALICE.email());
        assertThat(realm.event("LOGIN_ERROR").error()).isEqualTo("interaction_required");
        assertThat(realm.userCount()).isEqualTo(users);
        assertThat(admin.federatedIdentities(realm.name(), TestRealm.ALICE.username()))
                .isEmpty();
    }

    private static Answer convert(Person person) {
        return convert(TestRealm.APP, provider.idToken(person).mint());
    }

    private static Answer convert(TestClient client, String token) {
        return realm.convertTokenEndpoint()
                .as(client)
                .param("backend", "social")
                .param("token", token)
                .post();
    }
}
