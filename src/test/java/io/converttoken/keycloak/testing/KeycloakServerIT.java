// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The test bench itself: what the other classes lean on holds. */
@ExtendWith(KeycloakExtension.class)
final class KeycloakServerIT {

    private static KeycloakServer keycloak;
    private static TestRealm realm;
    private static FakeProvider provider;

    @BeforeAll
    static void bench(KeycloakServer server, TestRealm testRealm, FakeProvider fakeProvider) {
        keycloak = server;
        realm = testRealm;
        provider = fakeProvider;
    }

    @Test
    void serverLogsItsStart() {
        assertThat(keycloak.log()).contains("Keycloak").contains("started in");
    }

    /** Quarkus lists the JDBC drivers that the server was built with. */
    @Test
    void databaseIsTheOneThatTheBuildAskedFor() {
        String driver = switch (System.getProperty("keycloak.db")) {
            case "mariadb" -> "jdbc-mariadb";
            case "mysql" -> "jdbc-mysql";
            case "postgres" -> "jdbc-postgresql";
            default -> "jdbc-h2";
        };

        assertThat(keycloak.log().lines().filter(line -> line.contains("Installed features")))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).contains(driver));
    }

    @Test
    void userOfTheTestRealmSignsInByPassword() {
        Answer answer = realm.signInAlice(TestRealm.APP);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Cache-Control")).hasValue("no-store");
        assertThat(answer.accessTokenClaims().path("iss").asText()).isEqualTo(realm.issuer());
        assertThat(answer.accessTokenClaims().path("azp").asText()).isEqualTo("app");
        assertThat(realm.userInfo(answer.accessToken()).json().path("email").asText())
                .isEqualTo("alice@realm.example");
        assertThat(realm.refresh(TestRealm.APP, answer.refreshToken()).status()).isEqualTo(200);
        assertThat(realm.admin().sessions(realm.name(), "alice")).isNotEmpty();
    }

    @Test
    void publicClientSignsInWithoutSecret() {
        assertThat(realm.signInAlice(TestRealm.MOBILE).status()).isEqualTo(200);
    }

    @Test
    void eventsAreReadBack() {
        realm.clearEvents();

        Answer answer = realm.signIn(TestRealm.APP, "alice", "wrong");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error()).isEqualTo("invalid_grant");
        assertThat(realm.event("LOGIN_ERROR").error()).isEqualTo("invalid_user_credentials");
        assertThat(realm.event("LOGIN_ERROR").detail("username")).isEqualTo("alice");
        assertThat(realm.events()).hasSize(1);
    }

    @Test
    void repeatedParameterReachesTheServer() {
        Answer answer = realm.tokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "password")
                .param("grant_type", "password")
                .post();

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error()).isEqualTo("invalid_request");
    }

    @Test
    void usersAndTheirLinksAreKept() {
        Person bob = Person.unknown();
        realm.addOidcProvider("links", provider);
        realm.addUser(bob);

        realm.admin().addFederatedIdentity(realm.name(), bob.username(), "links", bob);

        assertThat(realm.admin().federatedIdentities(realm.name(), bob.username()))
                .singleElement()
                .satisfies(link -> assertThat(link.path("userId").asText()).isEqualTo(bob.subject()));
        realm.admin().updateUser(realm.name(), bob.username(), Map.of("enabled", false));
        assertThat(realm.signIn(TestRealm.APP, bob.username(), bob.username()).status())
                .isEqualTo(400);
        realm.admin().deleteUser(realm.name(), bob.username());
        assertThat(realm.admin().findUser(realm.name(), bob.username())).isEmpty();
    }

    @Test
    void identityProvidersOfAllKindsAreMadeAndChanged() {
        realm.addOidcProvider("oidc-one", provider, Map.of("trustEmail", "true", "tokenIntrospectionUrl", ""));
        realm.addKeycloakOidcProvider("keycloak-one", provider, Map.of());
        realm.addOAuth2Provider("oauth2-one", provider, Map.of("userIDClaim", "sub"));

        realm.updateIdentityProvider("oidc-one", Map.of("enabled", "false", "clientId", "other"));

        JsonNode changed = realm.admin().identityProvider(realm.name(), "oidc-one");
        assertThat(changed.path("enabled").asBoolean()).isFalse();
        assertThat(changed.path("trustEmail").asBoolean()).isTrue();
        assertThat(changed.path("config").path("clientId").asText()).isEqualTo("other");
        assertThat(changed.path("config").path("issuer").asText()).isEqualTo(provider.issuer());
        assertThat(changed.path("config").path("tokenIntrospectionUrl").asText())
                .isEmpty();
    }

    @Test
    void clientsAreChanged() {
        TestClient strict = realm.addConfidentialClient("strict", Map.of("directAccessGrantsEnabled", false));
        assertThat(realm.signInAlice(strict).error()).isEqualTo("unauthorized_client");

        realm.updateClient(strict, Map.of("directAccessGrantsEnabled", true));

        assertThat(realm.signInAlice(strict).status()).isEqualTo(200);
    }

    @Test
    void backendsAreMadeChangedAndUnmade() {
        realm.addOidcProvider("backend", provider);

        realm.addConvertTokenMapper("backend", Map.of("allowedClients", "app\nmobile"));
        assertThat(mapperConfig("backend")).containsEntry("allowedClients", "app\nmobile");

        realm.replaceConvertTokenMapper("backend", Map.of("backendNames", "other-name"));
        assertThat(mapperConfig("backend"))
                .containsEntry("backendNames", "other-name")
                .doesNotContainKey("allowedClients");

        realm.removeConvertTokenMapper("backend");
        assertThat(realm.admin().identityProviderMappers(realm.name(), "backend"))
                .isEmpty();
    }

    private static Map<String, String> mapperConfig(String alias) {
        JsonNode mapper =
                realm.admin().identityProviderMappers(realm.name(), alias).get(0);
        return mapper.path("config").properties().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().asText()));
    }
}
