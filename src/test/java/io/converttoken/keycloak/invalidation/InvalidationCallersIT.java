// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may invalidate what. */
@ExtendWith(KeycloakExtension.class)
class InvalidationCallersIT {

    private static TestRealm realm;
    private static AdminApi admin;
    private static KeycloakServer keycloak;
    private static TestClient other;

    @BeforeAll
    static void clients(TestRealm testRealm, AdminApi adminApi, KeycloakServer server) {
        realm = testRealm;
        admin = adminApi;
        keycloak = server;
        other = realm.addConfidentialClient("other", Map.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void ownClientNeedsNoRight(String endpoint) {
        TestClient narrow = realm.addConfidentialClient("narrow-" + endpoint, Map.of("fullScopeAllowed", false));
        Answer tokens = realm.signIn(narrow, realm.newUser());
        assertThat(tokens.accessTokenClaims().has("resource_access")).isFalse();

        Invalidations.call(realm, endpoint, tokens.accessToken(), narrow.clientId())
                .post()
                .expect(204);

        assertThat(realm.refresh(narrow, tokens.refreshToken()).expect(400).error())
                .isEqualTo("invalid_grant");
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void anotherClientNeedsManageAccount(String endpoint) {
        Person user = realm.newUser();
        Answer target = realm.signIn(TestRealm.APP, user);
        TestClient narrow = realm.addConfidentialClient("poor-" + endpoint, Map.of("fullScopeAllowed", false));

        Answer refused = Invalidations.call(
                        realm, endpoint, realm.signIn(narrow, user).accessToken(), "app")
                .post();
        assertThat(refused.expect(403).error()).isEqualTo("insufficient_scope");
        assertThat(refused.header("WWW-Authenticate"))
                .hasValueSatisfying(header -> assertThat(header).contains("insufficient_scope"));
        Answer unknown = Invalidations.call(
                        realm, endpoint, realm.signIn(narrow, user).accessToken(), "nobody")
                .post();
        assertThat(unknown.expect(403).error()).isEqualTo("insufficient_scope");
        assertThat(realm.userInfo(target.accessToken()).status()).isEqualTo(200);

        Invalidations.call(realm, endpoint, realm.signIn(other, user).accessToken(), "app")
                .post()
                .expect(204);
        assertThat(realm.refresh(TestRealm.APP, target.refreshToken()).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void parametersAreChecked(String endpoint) {
        String bearer = realm.signIn(TestRealm.APP, realm.newUser()).accessToken();

        assertInvalid(realm.call("/auth/" + endpoint).bearer(bearer).post());
        assertInvalid(Invalidations.call(realm, endpoint, bearer, "nobody").post());
        assertInvalid(
                Invalidations.call(realm, endpoint, bearer, "x".repeat(256)).post());
        assertInvalid(Invalidations.call(realm, endpoint, bearer, "app")
                .param("client_id", "other")
                .post());
        assertInvalid(Invalidations.call(realm, endpoint, bearer, "app")
                .param("except_current", "yes")
                .post());
        assertThat(realm.userInfo(bearer).status()).isEqualTo(200);
        realm.call("/auth/" + endpoint + "/")
                .bearer(bearer)
                .json(Map.of("client_id", "app", "except_current", true))
                .post()
                .expect(204);
    }

    private static void assertInvalid(Answer answer) {
        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void whatIsNoAccessTokenOfTheRealmIsRefused(String endpoint) {
        Person user = realm.newUser();
        Answer tokens = realm.signIn(TestRealm.APP, user);
        String expired = expired(user);
        Answer revoked = realm.signIn(TestRealm.APP, user);
        realm.call("/auth/revoke-token").bearer(revoked.accessToken()).post().expect(200);
        try (TestRealm another = TestRealm.createIn(keycloak)) {
            another.addUser(user);
            String ofAnother = another.signIn(TestRealm.APP, user).accessToken();
            for (String bearer : new String[] {
                tokens.refreshToken(), tokens.idToken(), ofAnother, revoked.accessToken(), expired, "nonsense", ""
            }) {
                assertUnauthorized(
                        Invalidations.call(realm, endpoint, bearer, "app").post());
            }
        }
        assertUnauthorized(
                realm.call("/auth/" + endpoint).param("client_id", "app").post());
        assertUnauthorized(realm.call("/auth/" + endpoint)
                .header("Authorization", "Basic YTpi")
                .param("client_id", "app")
                .post());
        realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(200);
    }

    private static String expired(Person user) {
        TestClient shortLived = realm.addConfidentialClient(
                "short-" + user.username(), Map.of("attributes", Map.of("access.token.lifespan", "1")));
        String token = realm.signIn(shortLived, user).accessToken();
        io.converttoken.keycloak.testing.Await.until(
                "the token's end",
                java.time.Duration.ofSeconds(10),
                () -> realm.userInfo(token).status() == 401);
        return token;
    }

    private static void assertUnauthorized(Answer answer) {
        assertThat(answer.expect(401).error()).isEqualTo("invalid_token");
        assertThat(answer.header("WWW-Authenticate"))
                .hasValueSatisfying(header -> assertThat(header).startsWith("Bearer"));
    }

    /** RFC 8705, section 3: without the certificate that it is bound to, the token is nobody's. */
    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void tokenBoundToACertificateNeedsIt(String endpoint) {
        TestClient bound = realm.addConfidentialClient("bound-" + endpoint, Map.of());
        Person user = realm.newUser();
        Answer unbound = realm.signIn(bound, user);
        admin.addProtocolMapper(
                realm.name(),
                bound.clientId(),
                Map.of(
                        "name", "certificate",
                        "protocol", "openid-connect",
                        "protocolMapper", "oidc-hardcoded-claim-mapper",
                        "config",
                                Map.of(
                                        "claim.name", "cnf",
                                        "claim.value", "{\"x5t#S256\":\"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2\"}",
                                        "jsonType.label", "JSON",
                                        "access.token.claim", "true")));
        Answer tokens = realm.signIn(bound, user);
        assertThat(tokens.accessTokenClaims().path("cnf").has("x5t#S256")).isTrue();

        assertUnauthorized(Invalidations.call(realm, endpoint, tokens.accessToken(), bound.clientId())
                .post());

        realm.refresh(bound, unbound.refreshToken()).expect(200);
        Invalidations.call(realm, endpoint, unbound.accessToken(), bound.clientId())
                .post()
                .expect(204);
    }

    /** A service account is a user like any other: its token acts on itself, and on nobody else. */
    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void serviceAccountActsOnItself(String endpoint) {
        TestClient service = realm.addConfidentialClient(
                "service-" + endpoint,
                Map.of(
                        "serviceAccountsEnabled",
                        true,
                        "attributes",
                        Map.of("client_credentials.use_refresh_token", "true")));
        Answer ofPerson = realm.signIn(service, realm.newUser());
        Answer ofService = realm.tokenEndpoint()
                .as(service)
                .param("grant_type", "client_credentials")
                .post()
                .expect(200);
        realm.refresh(service, ofService.refreshToken()).expect(200);

        Invalidations.call(realm, endpoint, ofService.accessToken(), service.clientId())
                .post()
                .expect(204);

        assertThat(realm.refresh(service, ofService.refreshToken()).expect(400).error())
                .isEqualTo("invalid_grant");
        realm.refresh(service, ofPerson.refreshToken()).expect(200);
    }
}
