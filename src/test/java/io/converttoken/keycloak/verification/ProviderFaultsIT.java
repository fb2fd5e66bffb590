// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A provider that is down, slow or confused is no verdict on the token. */
@ExtendWith(KeycloakExtension.class)
class ProviderFaultsIT {

    private static final String PROVIDERS_OWN_WORDS = "the-provider-says-so";

    private static TestRealm realm;
    private static FakeProvider provider;
    private static KeycloakServer keycloak;

    @BeforeAll
    static void backends(TestRealm testRealm, FakeProvider fakeProvider, KeycloakServer server) {
        realm = testRealm;
        provider = fakeProvider;
        keycloak = server;
        realm.addOidcProvider("social", provider)
                .addConvertTokenMapper("social", Map.of("allowedClients", "*"))
                .addOAuth2Provider("opaque", provider, Map.of())
                .addConvertTokenMapper("opaque", Map.of("allowedClients", "*"));
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("error 500", endpoint -> endpoint.answersStatus(500)),
                fault("error 503", endpoint -> endpoint.answersStatus(503)),
                fault("too many requests", endpoint -> endpoint.answersStatus(429)),
                fault("garbage", ProviderEndpoint::answersGarbage),
                fault("a body without end", endpoint -> endpoint.answersHugeBody(20_000_000)),
                fault("a list", endpoint -> endpoint.answers(200, "application/json", "[1]")),
                fault("its own words", endpoint -> endpoint.answers(500, "text/html", PROVIDERS_OWN_WORDS)),
                fault("a redirect", endpoint -> endpoint.redirectsTo(provider.uri("/elsewhere"))),
                fault("a closed connection", ProviderEndpoint::hangsUp),
                fault("silence", endpoint -> endpoint.holds(Duration.ofSeconds(20))));
    }

    @ParameterizedTest(name = "introspection answers with {0}")
    @MethodSource("faults")
    void faultOfIntrospectionIsTheProviders(String what, Consumer<ProviderEndpoint> fault) {
        String token = provider.opaqueToken(Person.unknown()).mint();
        fault.accept(provider.introspection());

        assertUnavailable("social", token);
        assertUnavailable("opaque", token);
    }

    @ParameterizedTest(name = "user info answers with {0}")
    @MethodSource("faults")
    void faultOfUserInfoIsTheProviders(String what, Consumer<ProviderEndpoint> fault) {
        String token = provider.opaqueToken(Person.unknown()).mint();
        fault.accept(provider.userInfo());

        assertUnavailable("social", token);
        assertUnavailable("opaque", token);
    }

    @Test
    void introspectionThatDoesNotLetUsAskIsNoVerdictOnTheToken() {
        provider.introspection().answersStatus(401);

        assertUnavailable("social", provider.opaqueToken(Person.unknown()).mint());
    }

    @Test
    void unreachableKeysAreNoVerdictOnTheToken() {
        try (TestRealm fresh = TestRealm.createIn(keycloak);
                FakeProvider down = FakeProvider.start()) {
            fresh.addOidcProvider("social", down).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
            down.jwks().answersStatus(500);

            Answer answer =
                    fresh.convert("social", down.idToken(Person.unknown()).mint());

            assertThat(answer.expect(503).error()).isEqualTo("temporarily_unavailable");
        }
    }

    @Test
    void deadProviderIsNoVerdictOnTheToken() {
        FakeProvider dead = FakeProvider.start();
        String token = dead.opaqueToken(Person.unknown()).mint();
        realm.addOAuth2Provider("dead", dead, Map.of()).addConvertTokenMapper("dead", Map.of("allowedClients", "*"));
        dead.close();

        assertUnavailable("dead", token);
    }

    private static void assertUnavailable(String backend, String token) {
        int users = realm.userCount();
        realm.clearEvents();

        Answer answer = realm.convert(backend, token);

        assertThat(answer.expect(503).error()).isEqualTo("temporarily_unavailable");
        assertThat(answer.header("Retry-After"))
                .hasValueSatisfying(value -> assertThat(value).matches("[1-9]\\d*"));
        assertThat(answer.text()).doesNotContain(PROVIDERS_OWN_WORDS);
        assertThat(realm.event("LOGIN_ERROR").error()).isEqualTo("identity_provider_unavailable");
        assertThat(realm.userCount()).isEqualTo(users);
        assertThat(keycloak.log().contains(PROVIDERS_OWN_WORDS)).isFalse();
        assertThat(keycloak.log().contains(token)).isFalse();
    }

    private static Arguments fault(String what, Consumer<ProviderEndpoint> fault) {
        return Arguments.of(what, fault);
    }
}
