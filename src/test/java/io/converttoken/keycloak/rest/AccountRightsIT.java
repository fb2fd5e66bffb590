// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What needs a right on the person's account is decided as Keycloak's own account API decides, whose answers are as ever. */
@ExtendWith(KeycloakExtension.class)
class AccountRightsIT {

    /** As shipped: public, password sign-in, lightweight access tokens. */
    private static final TestClient ADMIN_CLI = TestClient.publicClient("admin-cli");

    private static TestRealm realm;
    private static AdminApi admin;
    private static FakeProvider provider;
    private static KeycloakServer keycloak;

    @BeforeAll
    static void backend(
            TestRealm testRealm, FakeProvider fakeProvider, AdminApi adminApi, KeycloakServer keycloakServer) {
        realm = testRealm;
        admin = adminApi;
        provider = fakeProvider;
        keycloak = keycloakServer;
        realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
    }

    @Test
    void rolesAndAudienceTogetherAreARight() {
        String bearer = signIn(TestRealm.APP).accessToken();

        account(realm, bearer).expect(200);
        assertHasRights(bearer);
    }

    /** What the account API answers 401 to: the roles alone, next to no audience, or to another one's. */
    @Test
    void rolesWithoutTheAudienceAreNoRight() {
        TestClient unaddressed = withRolesOnly("unaddressed");
        TestClient elsewhere = withRolesOnly("elsewhere");
        admin.addProtocolMapper(realm.name(), "elsewhere", audience("app"));
        for (TestClient client : List.of(unaddressed, elsewhere)) {
            Answer tokens = signIn(client);
            assertThat(tokens.accessTokenClaims()
                            .at("/resource_access/account/roles")
                            .toString())
                    .contains("manage-account");
            assertThat(tokens.accessTokenClaims().path("aud").toString()).doesNotContain("account");

            account(realm, tokens.accessToken()).expect(401);
            assertHasNoRights(realm, tokens.accessToken(), client);
        }
    }

    @Test
    void audienceWithoutRolesIsNoRight() {
        TestClient narrow = realm.addConfidentialClient("addressed", Map.of("fullScopeAllowed", false));
        admin.addProtocolMapper(realm.name(), "addressed", audience("account"));
        Answer tokens = signIn(narrow);
        assertThat(tokens.accessTokenClaims().path("aud").asText()).isEqualTo("account");

        account(realm, tokens.accessToken()).expect(403);
        assertHasNoRights(realm, tokens.accessToken(), narrow);
    }

    /** The roles of such a token are those that introspection gives. */
    @Test
    void lightweightTokenHasTheRightsOfItsPerson() {
        Answer tokens = signIn(ADMIN_CLI);
        assertThat(tokens.accessTokenClaims().has("aud")).isFalse();
        assertThat(tokens.accessTokenClaims().has("resource_access")).isFalse();

        account(realm, tokens.accessToken()).expect(200);
        assertHasRights(tokens.accessToken());
    }

    @Test
    void lightweightTokenOfAPoorClientHasNone() {
        TestClient poor = realm.addConfidentialClient(
                "poor",
                Map.of(
                        "fullScopeAllowed",
                        false,
                        "attributes",
                        Map.of("client.use.lightweight.access.token.enabled", "true")));
        String bearer = signIn(poor).accessToken();

        account(realm, bearer).expect(401);
        assertHasNoRights(realm, bearer, poor);
    }

    @Test
    void tokenWithoutRolesHasNoRights() {
        TestClient narrow = realm.addConfidentialClient("narrow", Map.of("fullScopeAllowed", false));
        String bearer = signIn(narrow).accessToken();

        account(realm, bearer).expect(401);
        assertHasNoRights(realm, bearer, narrow);
    }

    /** It has the default roles of the realm, and no account to manage. */
    @Test
    void serviceAccountHasNoRights() {
        TestClient service = realm.addConfidentialClient("service", Map.of("serviceAccountsEnabled", true));
        Answer tokens = realm.tokenEndpoint()
                .as(service)
                .param("grant_type", "client_credentials")
                .post()
                .expect(200);
        assertThat(tokens.accessTokenClaims().path("aud").asText()).isEqualTo("account");

        account(realm, tokens.accessToken()).expect(401);
        assertHasNoRights(realm, tokens.accessToken(), service);
    }

    @Test
    void withoutTheAccountClientNobodyHasRights() {
        try (TestRealm another = TestRealm.createIn(keycloak)) {
            another.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
            String bearer = signIn(another, TestRealm.APP).accessToken();
            account(another, bearer).expect(200);

            admin.updateClient(another.name(), "account", Map.of("enabled", false));

            account(another, bearer).expect(404);
            assertHasNoRights(another, bearer, TestRealm.APP);
        }
    }

    private static void assertHasRights(String bearer) {
        invalidate(realm, "invalidate-refresh-tokens", bearer, "account").expect(204);
        connect(realm, bearer, provider.idToken(Person.unknown()).mint()).expect(204);
        disconnect(realm, bearer).expect(204);
        invalidate(realm, "invalidate-sessions", bearer, "account").expect(204);
    }

    /** And always on its own client. */
    private static void assertHasNoRights(TestRealm in, String bearer, TestClient own) {
        assertInsufficient(
                connect(in, bearer, provider.idToken(Person.unknown()).mint()));
        assertInsufficient(disconnect(in, bearer));
        assertInsufficient(invalidate(in, "invalidate-refresh-tokens", bearer, "account"));
        assertInsufficient(invalidate(in, "invalidate-sessions", bearer, "account"));
        invalidate(in, "invalidate-refresh-tokens", bearer, own.clientId()).expect(204);
        invalidate(in, "invalidate-sessions", bearer, own.clientId()).expect(204);
    }

    private static void assertInsufficient(Answer answer) {
        assertThat(answer.expect(403).error()).isEqualTo("insufficient_scope");
        assertThat(answer.header("WWW-Authenticate")).hasValue("Bearer error=\"insufficient_scope\"");
    }

    /** Keycloak's own account API. */
    private static Answer account(TestRealm in, String bearer) {
        return in.call("/account")
                .bearer(bearer)
                .header("Accept", "application/json")
                .get();
    }

    private static Answer connect(TestRealm in, String bearer, String token) {
        return call(in, "connect-backend", bearer)
                .param("backend", "social")
                .param("token", token)
                .post();
    }

    private static Answer disconnect(TestRealm in, String bearer) {
        return call(in, "disconnect-backend", bearer).param("backend", "social").post();
    }

    private static Answer invalidate(TestRealm in, String endpoint, String bearer, String clientId) {
        return call(in, endpoint, bearer).param("client_id", clientId).post();
    }

    private static Call call(TestRealm in, String endpoint, String bearer) {
        return in.call("/auth/" + endpoint).bearer(bearer);
    }

    /** A client whose tokens carry roles, and whose scopes say of no client that the token is for it. */
    private static TestClient withRolesOnly(String clientId) {
        TestClient client = realm.addConfidentialClient(clientId, Map.of());
        admin.removeDefaultClientScope(realm.name(), clientId, "roles");
        admin.addProtocolMapper(
                realm.name(),
                clientId,
                Map.of(
                        "name", "roles",
                        "protocol", "openid-connect",
                        "protocolMapper", "oidc-usermodel-client-role-mapper",
                        "config",
                                Map.of(
                                        "claim.name", "resource_access.${client_id}.roles",
                                        "jsonType.label", "String",
                                        "multivalued", "true",
                                        "access.token.claim", "true",
                                        "introspection.token.claim", "true")));
        return client;
    }

    private static Map<String, ?> audience(String clientId) {
        return Map.of(
                "name", "audience",
                "protocol", "openid-connect",
                "protocolMapper", "oidc-audience-mapper",
                "config", Map.of("included.client.audience", clientId, "access.token.claim", "true"));
    }

    private static Answer signIn(TestClient client) {
        return signIn(realm, client);
    }

    private static Answer signIn(TestRealm in, TestClient client) {
        Person person = Person.unknown();
        in.addUser(person);
        return in.signIn(client, person);
    }
}
