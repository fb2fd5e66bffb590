// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tokens that never had a session: those of client credentials, and of the JWT authorization grant (RFC 7523). Keycloak ends
 * them by a time before which no token of the user is valid.
 */
@ExtendWith(KeycloakExtension.class)
class SessionlessTokensIT {

    private static final String ASSERTIONS = "assertions";

    private static TestRealm realm;
    private static AdminApi admin;
    private static FakeProvider provider;

    private TestClient service;

    @BeforeAll
    static void clients(TestRealm testRealm, AdminApi adminApi, FakeProvider fakeProvider) {
        realm = testRealm;
        admin = adminApi;
        provider = fakeProvider;
        Invalidations.letIntrospectItself(admin, realm.name(), "app");
        realm.addOidcProvider(
                ASSERTIONS, provider, Map.of("jwtAuthorizationGrantEnabled", "true", "disableTypeClaimCheck", "true"));
        realm.updateClient(
                TestRealm.APP,
                Map.of(
                        "attributes",
                        Map.of(
                                "oauth2.jwt.authorization.grant.enabled",
                                "true",
                                "oauth2.jwt.authorization.grant.idp",
                                ASSERTIONS)));
    }

    @BeforeEach
    void newServiceAccount() {
        service = realm.addConfidentialClient("service-" + UUID.randomUUID(), Map.of("serviceAccountsEnabled", true));
    }

    @Test
    void tokenEndsItself() {
        Invalidations.letIntrospectItself(admin, realm.name(), service.clientId());
        Answer tokens = credentials();
        assertThat(tokens.accessTokenClaims().has("sid")).isFalse();
        assertThat(isActive(service, tokens)).isTrue();
        Invalidations.awaitNextSecond();

        invalidate("invalidate-sessions", tokens, service).expect(204);

        assertThat(isActive(service, tokens)).isFalse();
        assertThat(invalidate("invalidate-sessions", tokens, service)
                        .expect(401)
                        .error())
                .isEqualTo("invalid_token");
        assertAlive(credentials());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void administratorEndsTheToken(boolean isClientNamed) {
        Answer tokens = credentials();
        Invalidations.awaitNextSecond();

        administrate("invalidate-sessions", account(), isClientNamed ? service.clientId() : "");

        assertThat(invalidate("invalidate-refresh-tokens", tokens, service).status())
                .isEqualTo(401);
        assertAlive(credentials());
    }

    @Test
    void otherInvalidationsLeaveTheTokenAlone() {
        Answer tokens = credentials();
        Invalidations.awaitNextSecond();

        administrate("invalidate-sessions", account(), "app");
        administrate("invalidate-refresh-tokens", account(), service.clientId());
        administrate("invalidate-refresh-tokens", account(), "");

        assertAlive(tokens);
    }

    /** Keycloak tells tokens without a session apart by their time alone, so that none can be spared. */
    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void tokenWithoutASessionCanNotBeSpared(String endpoint) {
        Answer tokens = credentials();
        Invalidations.awaitNextSecond();

        Answer answer = Invalidations.call(realm, endpoint, tokens.accessToken(), service.clientId())
                .param("except_current", "true")
                .post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
        assertThat(realm.event("REVOKE_GRANT_ERROR").detail("reason_text")).contains("except_current");
        assertAlive(tokens);
    }

    private Answer credentials() {
        return realm.tokenEndpoint()
                .as(service)
                .param("grant_type", "client_credentials")
                .post()
                .expect(200);
    }

    /** It may act on its own client. */
    private void assertAlive(Answer tokens) {
        invalidate("invalidate-refresh-tokens", tokens, service).expect(204);
    }

    private String account() {
        return "service-account-" + service.clientId();
    }

    /** A person may have tokens without a session too, as from the JWT authorization grant (RFC 7523). */
    @Test
    void personsTokensWithoutASessionDieWhereEveryClientsSessionsEnd() {
        Person person = realm.newUser();
        Answer tokens = assertion(person);
        Answer withSession = realm.signIn(TestRealm.APP, person);
        Invalidations.awaitNextSecond();

        administrate("invalidate-sessions", person.username(), "");

        assertThat(isActive(TestRealm.APP, tokens)).isFalse();
        assertThat(isActive(TestRealm.APP, withSession)).isFalse();
        assertThat(isActive(TestRealm.APP, assertion(person))).isTrue();
        assertThat(isActive(TestRealm.APP, realm.signIn(TestRealm.APP, person))).isTrue();
    }

    /** Keycloak knows a time before which a person's tokens are dead for all clients, and none for one client. */
    @Test
    void remains_personsTokensWithoutASessionWhereOneClientsSessionsEnd() {
        Person person = realm.newUser();
        Answer tokens = assertion(person);
        Invalidations.awaitNextSecond();

        administrate("invalidate-sessions", person.username(), "app");
        administrate("invalidate-refresh-tokens", person.username(), "");

        assertThat(isActive(TestRealm.APP, tokens)).isTrue();
    }

    /** A token for the client {@code app}, for an assertion of a provider that the person is known to. */
    private static Answer assertion(Person person) {
        if (admin.federatedIdentities(realm.name(), person.username()).isEmpty()) {
            admin.addFederatedIdentity(realm.name(), person.username(), ASSERTIONS, person);
        }
        Answer tokens = realm.tokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
                .param(
                        "assertion",
                        provider.idToken(person)
                                .audience(realm.issuer())
                                .expiresIn(Duration.ofMinutes(1))
                                .claim("jti", UUID.randomUUID().toString())
                                .mint())
                .post()
                .expect(200);
        assertThat(tokens.accessTokenClaims().has("sid")).isFalse();
        return tokens;
    }

    private static void administrate(String operation, String username, String clientId) {
        Invalidations.administrate(realm, operation, username, clientId).expect(200);
    }

    private static Answer invalidate(String endpoint, Answer tokens, TestClient client) {
        return Invalidations.call(realm, endpoint, tokens.accessToken(), client.clientId())
                .post();
    }

    private static boolean isActive(TestClient client, Answer tokens) {
        return realm.introspect(client, tokens.accessToken())
                .expect(200)
                .json()
                .path("active")
                .asBoolean();
    }
}
