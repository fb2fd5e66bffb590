// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.CompiledExtension;
import io.converttoken.keycloak.testing.EmbeddedDatabase;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Where generations are kept: out of the reach of user storages and profiles, and deleted with what they belong to. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GenerationRowsIT {

    private static final String COUNT =
            "select 'rows: ' || count(*) from SERVER_CONFIG where SERVER_CONFIG_KEY like 'convert-token.rtg.%'";

    /** The rows as versions before 1.0.0 wrote them. */
    private static final String AS_THEY_WERE_BEFORE =
            "insert into FED_USER_ATTRIBUTE (ID, NAME, USER_ID, REALM_ID, STORAGE_PROVIDER_ID, VALUE)"
                    + " select random_uuid(),"
                    + " 'convert-token.rtg.' || regexp_replace(VALUE, '^.*;client=([^;]*);.*$', '$1'),"
                    + " regexp_replace(VALUE, '^.*;user=(.*)$', '$1'),"
                    + " regexp_replace(VALUE, '^.*;realm=([^;]*);.*$', '$1'),"
                    + " 'any', regexp_replace(VALUE, '^([^;]*);.*$', '$1')"
                    + " from SERVER_CONFIG where SERVER_CONFIG_KEY like 'convert-token.rtg.%';"
                    + " delete from SERVER_CONFIG where SERVER_CONFIG_KEY like 'convert-token.rtg.%'";

    @AutoClose
    private static KeycloakServer server;

    private static TestRealm realm;
    private static Path storage;

    /** Of a user of the storage, and of a user of the realm, invalidated both. */
    private static Answer anna;

    private static Answer alice;

    @BeforeAll
    static void listedUsers() {
        assumeTrue(KeycloakServer.isDistribution(), "only the distribution takes a second extension and is stopped");
        storage = CompiledExtension.of("listed-users");
        server = KeycloakServer.startBesides(
                List.of(storage), EmbeddedDatabase.OPTIONS_WRITING_AT_ONCE, "keycloak-it-storage.log");
        realm = TestRealm.createIn(server);
        showAndChangeEverything(realm.admin(), realm.name());
        realm.admin()
                .post(
                        realm.name() + "/components",
                        Map.of(
                                "name",
                                "listed",
                                "providerId",
                                "listed-users",
                                "providerType",
                                "org.keycloak.storage.UserStorageProvider",
                                "config",
                                Map.of("names", List.of("anna,berta"))));
        letManageTheAccount(signIn(realm, TestRealm.APP, "anna"));
        letManageTheAccount(signIn(realm, TestRealm.APP, "alice"));
        anna = invalidated(realm, TestRealm.APP, "anna");
        alice = invalidated(realm, TestRealm.APP, "alice");
    }

    @Test
    @Order(1)
    void profileNeitherShowsNorDeletesThem() {
        for (Answer tokens : List.of(anna, alice)) {
            ObjectNode user = (ObjectNode) user(tokens);
            assertThat(user.toString()).doesNotContain("convert-token");
            realm.admin().put(path(tokens), user.put("firstName", "Changed"));
            changeByAccountApi(tokens);
        }

        assertDead(anna);
        assertDead(alice);
    }

    @Test
    @Order(2)
    void whatWasAnsweredSurvivesAKill() {
        Answer berta = signIn(realm, TestRealm.APP, "berta");
        letManageTheAccount(berta);
        invalidated(realm, TestRealm.APP, "berta");

        server.kill();

        assertThat(EmbeddedDatabase.of(server).sql(COUNT)).contains("rows: 3");
    }

    @Test
    @Order(3)
    void upgradeFromWhereTheyWereBeforeBringsNoTokenBack() {
        EmbeddedDatabase.of(server).sql(AS_THEY_WERE_BEFORE);
        server = server.startAgainBesides(List.of(storage), "keycloak-it-storage-2-upgraded.log");

        assertThat(server.log()).contains("3 generations of refresh tokens were moved");
        assertDead(anna);
        assertDead(alice);
        assertThat(user(anna).toString()).doesNotContain("convert-token");
        invalidated(realm, TestRealm.APP, "anna");
    }

    @Test
    @Order(4)
    void theyGoWithUserClientAndRealm() {
        realm.admin().delete(path(anna));
        realm.admin().createUser(realm.name(), Map.of("username", "anna"));
        assertThat(Invalidations.generation(signIn(realm, TestRealm.APP, "anna")))
                .isEqualTo("0");

        Map<String, Object> sameId = Map.of("id", "11111111-2222-3333-4444-555555555555");
        TestClient client = realm.addConfidentialClient("short-lived", sameId);
        invalidated(realm, client, "berta");
        realm.admin().deleteClient(realm.name(), client.clientId());
        realm.addConfidentialClient("short-lived", sameId);
        assertThat(Invalidations.generation(signIn(realm, client, "berta"))).isEqualTo("0");

        TestRealm another = TestRealm.createIn(server);
        invalidated(another, TestRealm.APP, "alice");
        another.close();
        assertDead(alice);

        server.stop();
        assertThat(EmbeddedDatabase.of(server).sql(COUNT)).contains("rows: 2");
        assertThat(EmbeddedDatabase.of(server)
                        .sql("select 'rows: ' || count(*) from FED_USER_ATTRIBUTE where NAME like 'convert-token.%'"))
                .contains("rows: 0");
    }

    /** As lenient as a realm can be: what is stored about a user is shown to everybody, and may be changed by all. */
    private static void showAndChangeEverything(AdminApi admin, String realmName) {
        ObjectNode profile = (ObjectNode) admin.get(realmName + "/users/profile");
        profile.put("unmanagedAttributePolicy", "ENABLED");
        profile.path("attributes")
                .forEach(attribute -> ((ObjectNode) attribute).remove(List.of("required", "validations")));
        admin.put(realmName + "/users/profile", profile);
    }

    /** Neither users of the storage nor those of an imported realm get the default roles by themselves. */
    private static void letManageTheAccount(Answer tokens) {
        String account = realm.name() + "/clients/"
                + realm.admin().client(realm.name(), "account").path("id").asText();
        JsonNode role = realm.admin().get(account + "/roles/manage-account");
        realm.admin()
                .post(
                        path(tokens) + "/role-mappings/clients/"
                                + role.path("containerId").asText(),
                        List.of(role));
    }

    private static JsonNode user(Answer tokens) {
        return realm.admin().get(path(tokens));
    }

    private static String path(Answer tokens) {
        return realm.name() + "/users/" + tokens.accessTokenClaims().path("sub").asText();
    }

    /** The access token lives on when refresh tokens are invalidated. */
    private static void changeByAccountApi(Answer tokens) {
        String bearer = tokens.accessToken();
        ObjectNode account = (ObjectNode) realm.call("/account/")
                .header("Accept", "application/json")
                .bearer(bearer)
                .get()
                .expect(200)
                .json();
        assertThat(account.toString()).doesNotContain("convert-token");
        realm.call("/account/")
                .bearer(bearer)
                .json(account.put("lastName", "Changed"))
                .post()
                .expect(204);
    }

    private static Answer signIn(TestRealm in, TestClient client, String name) {
        return in.signIn(client, name, name).expect(200);
    }

    private static Answer invalidated(TestRealm in, TestClient client, String name) {
        Answer tokens = signIn(in, client, name);
        Invalidations.call(in, "invalidate-refresh-tokens", tokens.accessToken(), client.clientId())
                .post()
                .expect(204);
        return tokens;
    }

    private static void assertDead(Answer tokens) {
        JsonNode answer =
                realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(400).json();
        assertThat(answer.path("error_description").asText()).isEqualTo("Refresh token was invalidated");
    }
}
