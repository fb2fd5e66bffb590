// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the admin API, and so the admin console, refuses to save, and what it says. */
@ExtendWith(KeycloakExtension.class)
class MapperGuardIT {

    private static TestRealm realm;
    private static FakeProvider provider;
    private static AdminApi admin;

    @BeforeAll
    static void backends(TestRealm testRealm, FakeProvider fakeProvider, AdminApi adminApi) {
        realm = testRealm;
        provider = fakeProvider;
        admin = adminApi;
        realm.addOidcProvider("social", provider)
                .addConvertTokenMapper("social", Map.of("allowedClients", "app", "backendNames", "google-oauth2"))
                .addOidcProvider("fresh", provider);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            allowedClients      | nobody        | Allowed clients: there is no client "nobody" in this realm.
            allowedClients      | APP           | Allowed clients: there is no client "APP" in this realm.
            maxTokenAge         | -1            | Maximum token age: "-1" is not a number of seconds, 0 or more.
            maxTokenAge         | soon          | Maximum token age: "soon" is not a number of seconds, 0 or more.
            maxTokenAge         | 1.5           | Maximum token age: "1.5" is not a number of seconds, 0 or more.
            maxTokenAge         | 9999999999    | Maximum token age: "9999999999" is not a number of seconds, 0 or more.
            acceptedTokens      | everything    | Accepted tokens: "everything" is not one of any, id_token, access_token and code.
            signalScope         | everybody     | Signal scope: "everybody" is not one of backend, user.
            signalKeysUrl       | keys          | Signal keys URL: "keys" is not an address that starts with https:// or http://.
            signalSecret        | s3cret        | Signal secret: write a reference to the vault, such as ${vault.github-webhook}, and not a secret.
            onAccountDeleted    | delete        | When the account is deleted: "delete" is not one of end_sessions, disconnect, disable_user.
            requireNonce        | yes           | Require nonce: "yes" is neither true nor false.
            singleUse           | 1             | Single use: "1" is neither true nor false.
            acceptUnboundTokens | on            | Accept unbound tokens: "on" is neither true nor false.
            backendNames        | one,two       | Backend names: "one,two" is not a single value. Write one value on each line, without commas and blanks. A wildcard is not possible here.
            backendNames        | one two       | Backend names: "one two" is not a single value. Write one value on each line, without commas and blanks. A wildcard is not possible here.
            acceptedAudiences   | ios,android   | Accepted audiences: "ios,android" is not a single value. Write one value on each line, without commas and blanks. A wildcard is not possible here.
            acceptedAudiences   | *             | Accepted audiences: "*" is not a single value. Write one value on each line, without commas and blanks. A wildcard is not possible here.
            allowedClient       | app           | "allowedClient" is not a setting of this mapper.
            backendNames        | social        | Backend names: "social" is already a name of the backend "social".
            backendNames        | google-oauth2 | Backend names: "google-oauth2" is already a name of the backend "social".
            """)
    void valueThatMakesNoSenseIsRefusedAndNothingSaved(String key, String value, String message) {
        admin.clearAdminEvents(realm.name());

        Answer created = create("fresh", Map.of(key, value));

        assertThat(created.expect(400).json().path("errorMessage").asText()).isEqualTo(message);
        assertThat(admin.identityProviderMappers(realm.name(), "fresh")).isEmpty();
        assertThat(admin.adminEvents(realm.name())).isEmpty();
        assertThat(convert("fresh").expect(400).errorDescription()).isEqualTo("Unknown backend");
    }

    /** As without the extension, whose own query had made a fault of the server of it. */
    @ParameterizedTest
    @ValueSource(strings = {"convert-token", "hardcoded-attribute-idp-mapper"})
    void mapperWithoutANameIsRefusedByTheDatabase(String type) {
        Answer created = admin.call(mappers(realm, "fresh"))
                .json(Map.of("identityProviderAlias", "fresh", "identityProviderMapper", type))
                .post();

        assertThat(created.expect(409).error()).isEqualTo("conflict");
        assertThat(admin.identityProviderMappers(realm.name(), "fresh")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"allowedClients,nobody", "maxTokenAge,-1", "acceptedTokens,everything", "requireNonce,yes"})
    void updateThatMakesNoSenseLeavesTheOldMapperInForce(String key, String value) {
        JsonNode before = onlyMapper("social");
        assertThat(convert("social").status()).isEqualTo(200);

        Answer updated = update("social", before, Map.of(key, value));

        assertThat(updated.expect(400).json().path("errorMessage").asText()).contains("\"" + value + "\"");
        assertThat(onlyMapper("social")).isEqualTo(before);
        assertThat(convert("social").status()).isEqualTo(200);
        assertThat(convert("google-oauth2").status()).isEqualTo(200);
    }

    @Test
    void everyFaultIsTold() {
        Answer created = create("fresh", Map.of("allowedClients", "app\nnobody\n\nsomebody", "maxTokenAge", "-5"));

        assertThat(created.expect(400).json().path("errorMessage").asText())
                .contains("\"-5\"", "\"nobody\"", "\"somebody\"")
                .doesNotContain("\"app\"");
    }

    @Test
    void soundMapperIsSaved() {
        try (TestRealm other = realmWith("one", "two")) {
            Answer created = create(
                    other,
                    "one",
                    Map.of(
                            "allowedClients", "app\r\n mobile \n*",
                            "backendNames", "one\nsocial\ngoogle-oauth2",
                            "maxTokenAge", "3600",
                            "acceptedTokens", "id_token",
                            "requireNonce", "TRUE",
                            "singleUse", ""));

            created.expect(201);
            create(other, "two", Map.of()).expect(201);
        }
    }

    @Test
    void secondMapperOnTheSameIdentityProviderIsRefused() {
        Answer created = create("social", Map.of("allowedClients", "*"));

        assertThat(created.expect(400).json().path("errorMessage").asText())
                .startsWith("The identity provider \"social\" already has a mapper of this type, \"convert-token\".");
        assertThat(convert("social").status()).isEqualTo(200);
    }

    @Test
    void aliasThatIsAFurtherNameOfAnotherBackendIsRefused() {
        try (TestRealm other = realmWith("one", "two")) {
            create(other, "one", Map.of("backendNames", "two")).expect(201);

            assertThat(create(other, "two", Map.of())
                            .expect(400)
                            .json()
                            .path("errorMessage")
                            .asText())
                    .startsWith(
                            "The alias \"two\" of this identity provider is already a name of the backend \"one\".");
        }
    }

    @Test
    void updateIsLookedAtWhicheverMapperThePathNames() {
        realm.addOidcProvider("aside", provider);
        String aside = admin.createIdentityProviderMapper(realm.name(), "aside", hardcoded("aside"));
        ObjectNode social = onlyMapper("social").deepCopy();
        social.withObjectProperty("config").put("acceptedTokens", "everything");

        Answer updated =
                admin.call(mappers(realm, "aside") + "/" + aside).json(social).put();

        assertThat(updated.expect(400).json().path("errorMessage").asText()).startsWith("Accepted tokens: ");
        assertThat(convert("social").status()).isEqualTo(200);
    }

    @Test
    void otherMappersAreNoneOfOurBusiness() {
        Map<String, Object> other = new LinkedHashMap<>(hardcoded("social"));
        other.put("config", Map.of("maxTokenAge", "-1", "allowedClients", "nobody"));

        String id = admin.createIdentityProviderMapper(realm.name(), "social", other);

        admin.deleteIdentityProviderMapper(realm.name(), "social", id);
    }

    @Test
    void importsAreNotStoppedAndWhatTheyBringCanBeMendedOrDeleted() {
        try (TestRealm other = realmWith("one", "two")) {
            other.importConvertTokenMapper("one", Map.of("allowedClients", "gone", "maxTokenAge", "-1"));
            JsonNode imported =
                    admin.identityProviderMappers(other.name(), "one").get(0);

            update(other, "one", imported, Map.of("maxTokenAge", "-2")).expect(400);
            update(other, "one", imported, Map.of("allowedClients", "app", "maxTokenAge", "0"))
                    .expect(204);

            other.importConvertTokenMapper("two", Map.of("acceptedTokens", "everything"));
            create(other, "two", Map.of()).expect(400);
            other.removeConvertTokenMapper("two");
            create(other, "two", Map.of()).expect(201);
        }
    }

    @Test
    void realmImportIsNotStopped(KeycloakServer keycloak) {
        String name = "it-" + UUID.randomUUID().toString().substring(0, 8);
        Map<String, Object> mapper = new LinkedHashMap<>(representation("imported", Map.of("allowedClients", "gone")));

        admin.createRealm(Map.of(
                "realm",
                name,
                "identityProviders",
                List.of(Map.of("alias", "imported", "providerId", "oidc", "config", Map.of())),
                "identityProviderMappers",
                List.of(mapper)));

        try {
            assertThat(admin.identityProviderMappers(name, "imported")).hasSize(1);
        } finally {
            admin.deleteRealm(name);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            de    | Zugelassene Clients: In diesem Realm gibt es keinen Client „nobody“.
            es    | Clientes permitidos: en este realm no existe el cliente «nobody».
            fr    | Clients autorisés\u00a0: ce domaine n’a pas de client «\u00a0nobody\u00a0».
            ja    | 許可するクライアント：このレルムにクライアント「nobody」は存在しません。
            pt-BR | Clientes permitidos: não existe o cliente “nobody” neste realm.
            it    | Allowed clients: there is no client "nobody" in this realm.
            """)
    void messageIsInTheLanguageOfTheAdministrator(String language, String message, KeycloakServer keycloak) {
        try (TestRealm other = realmWith("one")) {
            admin.updateRealm(
                    other.name(),
                    Map.of(
                            "internationalizationEnabled",
                            true,
                            "supportedLocales",
                            List.of("en", "de", "es", "fr", "ja", "pt-BR", "it")));
            admin.addClientRole(other.name(), TestRealm.ALICE.username(), "realm-management", "realm-admin");
            other.allowAdminCalls(TestRealm.APP);

            Answer created = keycloak.call("/admin/realms/" + mappers(other, "one"))
                    .bearer(other.signInAlice(TestRealm.APP).accessToken())
                    .header("Accept-Language", language)
                    .json(representation("one", Map.of("allowedClients", "nobody")))
                    .post();

            assertThat(created.expect(400).json().path("errorMessage").asText()).isEqualTo(message);
        }
    }

    private static TestRealm realmWith(String... identityProviders) {
        TestRealm other = TestRealm.createIn(realm.keycloak());
        for (String alias : identityProviders) {
            other.addOidcProvider(alias, provider);
        }
        return other;
    }

    private static Answer create(String alias, Map<String, String> config) {
        return create(realm, alias, config);
    }

    private static Answer create(TestRealm in, String alias, Map<String, String> config) {
        return admin.call(mappers(in, alias))
                .json(representation(alias, config))
                .post();
    }

    private static Answer update(String alias, JsonNode mapper, Map<String, String> changes) {
        return update(realm, alias, mapper, changes);
    }

    private static Answer update(TestRealm in, String alias, JsonNode mapper, Map<String, String> changes) {
        ObjectNode changed = mapper.deepCopy();
        changes.forEach(changed.withObjectProperty("config")::put);
        return admin.call(mappers(in, alias) + "/" + changed.path("id").asText())
                .json(changed)
                .put();
    }

    private static String mappers(TestRealm in, String alias) {
        return in.name() + "/identity-provider/instances/" + alias + "/mappers";
    }

    private static JsonNode onlyMapper(String alias) {
        List<JsonNode> mappers = admin.identityProviderMappers(realm.name(), alias);
        assertThat(mappers).hasSize(1);
        return mappers.get(0);
    }

    private static Map<String, Object> representation(String alias, Map<String, String> config) {
        return Map.of(
                "name",
                "ours",
                "identityProviderAlias",
                alias,
                "identityProviderMapper",
                "convert-token",
                "config",
                config);
    }

    private static Map<String, Object> hardcoded(String alias) {
        return Map.of(
                "name",
                "stock",
                "identityProviderAlias",
                alias,
                "identityProviderMapper",
                "hardcoded-attribute-idp-mapper",
                "config",
                Map.of());
    }

    private static Answer convert(String backend) {
        return realm.convert(backend, provider.idToken(Person.unknown()).mint());
    }
}
