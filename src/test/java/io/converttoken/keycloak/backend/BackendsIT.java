// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which backends there are, for whom, and how the admin sees them. */
@ExtendWith(KeycloakExtension.class)
class BackendsIT {

    /** Backends that were found are kept for five seconds. */
    private static final Duration IMPORT_IN_FORCE = Duration.ofSeconds(10);

    private static TestRealm realm;
    private static FakeProvider provider;
    private static AdminApi admin;
    private static KeycloakServer keycloak;

    @BeforeAll
    static void backends(TestRealm testRealm, FakeProvider fakeProvider, AdminApi adminApi, KeycloakServer server) {
        realm = testRealm;
        provider = fakeProvider;
        admin = adminApi;
        keycloak = server;
        realm.addOidcProvider("social", provider)
                .addConvertTokenMapper("social", Map.of("allowedClients", "app", "backendNames", "google-oauth2"))
                .addOidcProvider("plain", provider)
                .addOidcProvider("closed", provider)
                .addConvertTokenMapper("closed", Map.of())
                .addOidcProvider("off", provider)
                .addConvertTokenMapper("off", Map.of("allowedClients", "*"))
                .addOidcProvider("first", provider)
                .addConvertTokenMapper("first", Map.of("allowedClients", "*", "backendNames", "shared\nsecond"))
                .addOidcProvider("second", provider)
                .importConvertTokenMapper("second", Map.of("allowedClients", "*", "backendNames", "shared"));
        realm.updateIdentityProvider("off", Map.of("enabled", "false"));
    }

    @Test
    void backendGoesByItsAliasAndItsFurtherNames() {
        assertThat(convert(TestRealm.APP, "social").status()).isEqualTo(200);
        assertThat(convert(TestRealm.APP, "google-oauth2").status()).isEqualTo(200);
    }

    @Test
    void identityProviderWithoutMapperIsNoBackend() {
        assertUnknown("plain");
    }

    @Test
    void switchedOffIdentityProviderIsNoBackend() {
        assertUnknown("off");
    }

    @Test
    void unknownNamesAreRefused() {
        for (String name : List.of("nobody", "SOCIAL", "social ", "../social", "*", "%")) {
            assertUnknown(name);
        }
    }

    @Test
    void nameThatTwoClaimIsRefusedForBoth() {
        assertUnknown("shared");
        assertUnknown("second");

        assertThat(keycloak.log())
                .contains("Backend 'shared' converts nothing until its mapper is mended: name is claimed by several");
        assertThat(convert(TestRealm.APP, "first").status()).isEqualTo(200);
    }

    @Test
    void secondMapperOnTheSameIdentityProviderRefusesToo() {
        try (TestRealm other = TestRealm.createIn(keycloak)) {
            other.addOidcProvider("twice", provider)
                    .addConvertTokenMapper("twice", Map.of("allowedClients", "app"))
                    .importConvertTokenMapper("twice", "another", Map.of("allowedClients", "*"));

            Answer answer = convert(other, TestRealm.MOBILE, "twice");

            assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
        }
    }

    @Test
    void onlyListedClientsMayConvert() {
        realm.clearEvents();

        Answer answer = convert(TestRealm.MOBILE, "social");

        assertThat(answer.expect(400).error()).isEqualTo("unauthorized_client");
        assertThat(realm.event("LOGIN_ERROR").error()).isEqualTo("not_allowed");
        assertThat(realm.event("LOGIN_ERROR").detail("identity_provider")).isEqualTo("social");
    }

    @Test
    void withoutAListNobodyMayConvert() {
        assertThat(convert(TestRealm.APP, "closed").expect(400).error()).isEqualTo("unauthorized_client");
    }

    @Test
    void backendsOfAnotherRealmAreUnknown() {
        try (TestRealm other = TestRealm.createIn(keycloak)) {
            assertUnknown(convert(other, "social"));
        }
    }

    /** Of all that follows the last conversion has succeeded a moment before. */
    @Test
    void whatAnAdministratorChangesIsInForceInTheNextRequest() {
        try (TestRealm other = TestRealm.createIn(keycloak)) {
            other.addOidcProvider("changing", provider)
                    .addConvertTokenMapper("changing", Map.of("allowedClients", "app", "backendNames", "further"));
            assertConverts(other, "further");

            other.replaceConvertTokenMapper("changing", Map.of("allowedClients", "mobile", "backendNames", "further"));
            assertThat(convert(other, "further").expect(400).error()).isEqualTo("unauthorized_client");
            other.replaceConvertTokenMapper("changing", Map.of("allowedClients", "app", "backendNames", "further"));
            assertConverts(other, "further");

            other.replaceConvertTokenMapper("changing", Map.of("allowedClients", "app"));
            assertUnknown(convert(other, "further"));
            assertConverts(other, "changing");

            other.removeConvertTokenMapper("changing");
            assertUnknown(convert(other, "changing"));
            other.addConvertTokenMapper("changing", Map.of("allowedClients", "*"));
            assertConverts(other, "changing");

            other.updateIdentityProvider("changing", Map.of("enabled", "false"));
            assertUnknown(convert(other, "changing"));
            other.updateIdentityProvider("changing", Map.of("enabled", "true"));
            assertConverts(other, "changing");

            admin.deleteIdentityProvider(other.name(), "changing");
            assertUnknown(convert(other, "changing"));
            other.addOidcProvider("changing", provider);
            assertUnknown(convert(other, "changing"));
        }
    }

    /** Keycloak announces no imports. */
    @Test
    void whatIsImportedIsInForceWithinSeconds() {
        try (TestRealm other = TestRealm.createIn(keycloak)) {
            other.addOidcProvider("one", provider)
                    .addConvertTokenMapper("one", Map.of("allowedClients", "*", "backendNames", "shared"))
                    .addOidcProvider("two", provider);
            assertConverts(other, "shared");

            other.importConvertTokenMapper("two", Map.of("allowedClients", "*", "backendNames", "shared"));

            Await.until(
                    "a name that two claim is refused",
                    IMPORT_IN_FORCE,
                    () -> convert(other, "shared").status() == 400);
            assertConverts(other, "two");
        }
    }

    @Test
    void adminConsoleOffersEveryKeyWithLabelAndHelp() {
        JsonNode types = admin.get(realm.name() + "/identity-provider/instances/social/mapper-types");
        JsonNode properties = types.path("convert-token").path("properties");
        String messages =
                keycloak.call("/resources/master/admin/en").get().expect(200).text();

        assertThat(properties
                        .valueStream()
                        .map(property -> property.path("name").asText()))
                .containsExactly(
                        "allowedClients",
                        "backendNames",
                        "acceptedAudiences",
                        "acceptedTokens",
                        "requireNonce",
                        "singleUse",
                        "maxTokenAge",
                        "acceptUnboundTokens",
                        "appleTeamId",
                        "appleKeyId",
                        "applePrivateKey",
                        "signals",
                        "signalIssuer",
                        "signalKeysUrl",
                        "signalSecret",
                        "signalScope",
                        "onAccountDisabled",
                        "onAccountDeleted",
                        "revokeTokens");
        for (JsonNode property : properties) {
            assertThat(messages)
                    .contains(
                            "\"" + property.path("label").asText() + "\"",
                            "\"" + property.path("helpText").asText() + "\"");
        }
    }

    private static void assertConverts(TestRealm other, String backend) {
        convert(other, backend).expect(200);
    }

    private static Answer convert(TestRealm other, String backend) {
        return convert(other, TestRealm.APP, backend);
    }

    private static void assertUnknown(Answer answer) {
        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
        assertThat(answer.errorDescription()).isEqualTo("Unknown backend");
    }

    private static void assertUnknown(String backend) {
        realm.clearEvents();
        assertUnknown(convert(TestRealm.APP, backend));
        assertThat(realm.event("LOGIN_ERROR").error()).isEqualTo("unknown_identity_provider");
    }

    private static Answer convert(TestClient client, String backend) {
        return convert(realm, client, backend);
    }

    private static Answer convert(TestRealm in, TestClient client, String backend) {
        return in.convertTokenEndpoint()
                .as(client)
                .param("backend", backend)
                .param("token", provider.idToken(Person.unknown()).mint())
                .post();
    }
}
