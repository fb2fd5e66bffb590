// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A social provider that is down, slow or confused is no verdict on the token, whichever of its addresses it is. */
@ExtendWith(KeycloakExtension.class)
class SocialFaultsIT {

    private static final String PROVIDERS_OWN_WORDS = "the-provider-says-so";

    /** Where a client error only means that the token's scope does not open the addresses. */
    private static final Set<String> OPTIONAL = Set.of("/user/emails", "/api/v3/user/emails", "/2.0/user/emails");

    /** Keycloak's own class asks there. */
    private static final Set<String> KEYCLOAKS = Set.of("/.well-known/oauth-authorization-server");

    private static TestRealm realm;
    private static KeycloakServer keycloak;
    private static SocialAttacks providers;

    @BeforeAll
    static void backends(TestRealm testRealm, SocialHosts hosts, KeycloakServer server) {
        realm = testRealm;
        keycloak = server;
        providers = new SocialAttacks(hosts, realm);
        backends()
                .forEach(alias -> Conversions.add(
                        realm, alias, providers.provider(alias), Map.of(), Map.of("acceptUnboundTokens", "true")));
    }

    private static Stream<String> backends() {
        return SocialAttacks.providers().keySet().stream().filter(alias -> !alias.equals("apple"));
    }

    private static Map<String, Consumer<ProviderEndpoint>> faults() {
        Map<String, Consumer<ProviderEndpoint>> faults = new LinkedHashMap<>();
        faults.put("error 500", endpoint -> endpoint.answersStatus(500));
        faults.put("error 503", endpoint -> endpoint.answersStatus(503));
        faults.put("too many requests", endpoint -> endpoint.answersStatus(429));
        faults.put("a client error that says nothing of the token", endpoint -> endpoint.answersStatus(405));
        faults.put("garbage", ProviderEndpoint::answersGarbage);
        faults.put("a list", endpoint -> endpoint.answers(200, "application/json", "[1]"));
        faults.put("a body without end", endpoint -> endpoint.answersHugeBody(20_000_000));
        faults.put("a redirect", endpoint -> endpoint.redirectsTo(endpoint.uri().resolve("/elsewhere")));
        faults.put("a closed connection", ProviderEndpoint::hangsUp);
        faults.put("its own words", endpoint -> endpoint.answers(502, "text/html", PROVIDERS_OWN_WORDS));
        return faults;
    }

    static Stream<Arguments> faultsOfProviders() {
        return backends()
                .flatMap(alias -> endpoints(alias)
                        .flatMap(endpoint -> faults().entrySet().stream()
                                .filter(fault ->
                                        !OPTIONAL.contains(endpoint.uri().getPath())
                                                || !Set.of("a list", "a client error that says nothing of the token")
                                                        .contains(fault.getKey()))
                                .map(fault -> Arguments.of(
                                        alias, endpoint.uri().getPath(), fault.getKey(), endpoint, fault.getValue()))));
    }

    private static Stream<ProviderEndpoint> endpoints(String alias) {
        return providers.provider(alias).verificationEndpoints().stream()
                .filter(endpoint -> !KEYCLOAKS.contains(endpoint.uri().getPath()));
    }

    @ParameterizedTest(name = "{0}: {1} answers with {2}")
    @MethodSource("faultsOfProviders")
    void faultIsTheProviders(
            String alias, String path, String what, ProviderEndpoint endpoint, Consumer<ProviderEndpoint> fault) {
        String token = token(alias);
        fault.accept(endpoint);

        new Conversions(realm, alias).isUnavailableFor(token);

        assertThat(endpoint.requestCount()).isPositive();
        assertThat(keycloak.log().contains(PROVIDERS_OWN_WORDS)).isFalse();
        assertThat(keycloak.log().contains(token)).isFalse();
    }

    @Test
    void metadataThatCanNotBeReadIsNoVerdictOnTheToken() {
        providers.provider("openshift").verificationEndpoints().get(0).answersStatus(500);

        new Conversions(realm, "openshift").isUnavailableFor(token("openshift"));
    }

    /** All at once, for each waits until Keycloak's HTTP client gives up. */
    @Test
    void silenceIsNoVerdictOnTheToken() throws Exception {
        List<Callable<Answer>> conversions = backends()
                .flatMap(alias -> endpoints(alias).limit(1).<Callable<Answer>>map(endpoint -> {
                    endpoint.holds(Duration.ofSeconds(30));
                    return () ->
                            new Conversions(realm, alias).call(token(alias)).post();
                }))
                .toList();
        assertAllUnavailable(conversions);
    }

    @Test
    void silenceOfTheProfileIsNoVerdictOnTheToken() throws Exception {
        List<Callable<Answer>> conversions = backends()
                .flatMap(alias -> endpoints(alias).skip(1).limit(1).<Callable<Answer>>map(endpoint -> {
                    endpoint.holds(Duration.ofSeconds(30));
                    return () ->
                            new Conversions(realm, alias).call(token(alias)).post();
                }))
                .toList();
        assertAllUnavailable(conversions);
    }

    @Test
    void keysThatCanNotBeLoadedAreNoVerdictOnTheToken() {
        SocialAttacks.WITH_ID_TOKENS.forEach(alias -> {
            SocialProvider provider = providers.provider(alias);
            String fresh = alias + "-without-keys";
            Conversions conversions = Conversions.add(
                    realm,
                    fresh,
                    provider,
                    Map.of(),
                    Map.of("acceptedAudiences", alias.equals("apple") ? Apple.BUNDLE_ID : ""));
            keys(provider).answersStatus(500);

            conversions.isUnavailableFor(provider.idToken(provider.newcomer()).mint());
        });
    }

    private static void assertAllUnavailable(List<Callable<Answer>> conversions) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(conversions.size());
        int users = realm.userCount();
        try {
            for (Future<Answer> answer : threads.invokeAll(conversions)) {
                assertThat(answer.get().expect(503).error()).isEqualTo("temporarily_unavailable");
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(realm.userCount()).isEqualTo(users);
    }

    private static String token(String alias) {
        SocialProvider provider = providers.provider(alias);
        return provider.accessToken(provider.newcomer()).mint();
    }

    private static ProviderEndpoint keys(SocialProvider provider) {
        return provider.keys().orElseThrow();
    }
}
