// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakOnPostgres;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.Schemathesis;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Requests that are made up from the description of the API ({@code auth/openapi.json}), good ones and bad ones, against a
 * server on PostgreSQL: no server error, and no answer that the description does not have. Off unless
 * {@code -Dfuzz.requests=N} says how many at least.
 */
class FuzzIT {

    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 0);
    private static final int PEOPLE = 20;

    private static final int MAX_BODY = 256 * 1024;

    /** Of Keycloak, for one parameter of a form. */
    private static final int MAX_VALUE = 128 * 1024;

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String JSON = "application/json";

    private static final List<String> ENDPOINTS = List.of(
            "convert-token",
            "token",
            "revoke-token",
            "invalidate-sessions",
            "invalidate-refresh-tokens",
            "connect-backend",
            "disconnect-backend");

    /** Else most of the answers would be 429. */
    private static final String ALL_REFUSED_ONE_BY_ONE =
            "--spi-identity-provider-mapper--convert-token--failures-per-minute=0";

    @Test
    void everyAnswerIsAsDescribed() {
        assumeTrue(REQUESTS > 0, "off unless -Dfuzz.requests=N is given");
        assumeTrue(KeycloakServer.isDistribution(), "the server with PostgreSQL is started from the distribution");
        try (KeycloakOnPostgres keycloak = KeycloakOnPostgres.start(Map.of(), List.of(ALL_REFUSED_ONE_BY_ONE));
                FakeProvider provider = FakeProvider.start();
                TestRealm realm = TestRealm.createIn(keycloak.server())) {
            realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
            realm.admin()
                    .updateRealm(
                            realm.name(),
                            Map.of("passwordPolicy", "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"));
            // what connects and disconnects, and acts on other clients
            realm.admin().addClientRole(realm.name(), TestRealm.ALICE.username(), "account", "manage-account");
            assertBodiesUpToTheLimitsAreNoServerErrors(realm);
            Schemathesis fuzzer = new Schemathesis(keycloak.server().base(), realm, externalTokens(provider));

            int requests = 0;
            for (int seed = 1; requests < REQUESTS; seed++) {
                Schemathesis.Run run = fuzzer.run(seed, REQUESTS - requests);
                assertThat(run.isClean()).as(run.output()).isTrue();
                assertThat(run.requests()).as(run.output()).isPositive();
                requests += run.requests();
            }
            assertThat(fuzzer.successes())
                    .as("operations that have succeeded")
                    .contains(
                            "convertToken",
                            "token",
                            "tokenEndpoint",
                            "revokeToken",
                            "invalidateSessions",
                            "invalidateRefreshTokens",
                            "connectBackend",
                            "invalidateSessionsOfUser",
                            "invalidateRefreshTokensOfUser");
        }
    }

    /** What is made up from the description is short. */
    private static void assertBodiesUpToTheLimitsAreNoServerErrors(TestRealm realm) {
        String bearer = realm.signInAlice(TestRealm.APP).expect(200).accessToken();
        for (String endpoint : ENDPOINTS) {
            for (int length :
                    new int[] {100_000, MAX_VALUE - 1, MAX_VALUE, MAX_VALUE + 1, MAX_BODY - 20, MAX_BODY + 1}) {
                for (String name : new String[] {"token", "backend", "client_id", "grant_type", "x"}) {
                    String form = name + "=" + "a".repeat(Math.min(length, MAX_VALUE - 1)) + "&y="
                            + "a".repeat(Math.max(0, length - MAX_VALUE));
                    String json = "{\"" + name + "\":\"" + "a".repeat(length) + "\"}";
                    assertNoServerError(
                            endpoint,
                            realm.call("/auth/" + endpoint)
                                    .bearer(bearer)
                                    .body(FORM, form)
                                    .post());
                    assertNoServerError(
                            endpoint,
                            realm.call("/auth/" + endpoint)
                                    .bearer(bearer)
                                    .body(JSON, json)
                                    .post());
                    assertNoServerError(
                            endpoint,
                            realm.call("/auth/" + endpoint)
                                    .basic("app", "app-secret")
                                    .body(JSON, json)
                                    .post());
                }
            }
            for (int parameters = 99; parameters <= 102; parameters++) {
                String form = "a=b&".repeat(parameters);
                assertNoServerError(
                        endpoint,
                        realm.call("/auth/" + endpoint)
                                .bearer(bearer)
                                .body(FORM, form)
                                .post());
            }
        }
    }

    private static void assertNoServerError(String endpoint, Answer answer) {
        assertThat(answer.status()).as("%s: %s", endpoint, answer).isLessThan(500);
    }

    /** Good ones of many people, and a few that are not. */
    private static List<String> externalTokens(FakeProvider provider) {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < PEOPLE; i++) {
            tokens.add(provider.idToken(Person.unknown())
                    .expiresIn(Duration.ofDays(1))
                    .mint());
        }
        tokens.add(provider.idToken(Person.unknown())
                .expiresIn(Duration.ofHours(-1))
                .mint());
        tokens.add(provider.idToken(Person.unknown()).audience("another").mint());
        return tokens;
    }
}
