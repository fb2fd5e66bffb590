// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Bitbucket;
import io.converttoken.keycloak.testing.social.OpenShift;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import io.converttoken.keycloak.testing.social.StackOverflow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Providers that tell nobody for which application a token was issued, where the admin takes the risk. */
@ExtendWith(KeycloakExtension.class)
class UnboundTokensIT {

    private static TestRealm realm;
    private static KeycloakServer keycloak;
    private static SocialHosts hosts;
    private static SocialAttacks providers;

    @BeforeAll
    static void backends(TestRealm testRealm, SocialHosts socialHosts, KeycloakServer server) {
        realm = testRealm;
        keycloak = server;
        hosts = socialHosts;
        providers = new SocialAttacks(hosts, realm);
        SocialAttacks.UNBOUND.forEach(alias -> Conversions.add(
                realm, alias, providers.provider(alias), Map.of(), Map.of("acceptUnboundTokens", "true")));
    }

    static List<String> aliases() {
        return SocialAttacks.UNBOUND;
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void deadAndUnknownTokensAreRefusedAllTheSame(String alias) {
        SocialProvider provider = providers.provider(alias);
        Conversions conversions = new Conversions(realm, alias);

        conversions.refuses(provider.accessToken(provider.newcomer()).revoked().mint(), ReasonCode.TOKEN_INACTIVE);
        conversions.refuses(
                provider.accessToken(provider.newcomer())
                        .expiresIn(Duration.ofSeconds(-60))
                        .mint(),
                ReasonCode.TOKEN_INACTIVE);
        conversions.refuses("nobody-issued-this", ReasonCode.TOKEN_INACTIVE);
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void logWarnsOncePerBackend(String alias) {
        SocialProvider provider = providers.provider(alias);
        Conversions conversions = new Conversions(realm, alias);
        conversions.call(provider.accessToken(provider.newcomer()).mint()).post();
        conversions.call(provider.accessToken(provider.newcomer()).mint()).post();

        assertThat(keycloak.log()
                        .lines()
                        .filter(line -> line.contains("WARN")
                                && line.contains("'" + alias + "'")
                                && line.contains(realm.name())))
                .hasSize(1);
    }

    /** OpenShift shows them as users whom nobody made. */
    @Test
    void serviceAccountOfAClusterIsNoPerson() {
        OpenShift openShift = hosts.get(OpenShift.class);
        Person robot = openShift.newcomer().withUsername("system:serviceaccount:project:robot");

        new Conversions(realm, "openshift").refuses(openShift.accessToken(robot).mint(), ReasonCode.NOT_A_PERSON);
    }

    @Test
    void idTokensOfTheirsAreNotRead(FakeProvider another) {
        SocialAttacks.UNBOUND.forEach(alias -> new Conversions(realm, alias)
                .refuses(another.idToken(Person.unknown()).mint(), ReasonCode.TOKEN_KIND_UNSUPPORTED));
    }

    /** Every site of Stack Exchange counts its users by itself: user 1 there is somebody else here. */
    @ParameterizedTest
    @ValueSource(strings = {"&site=serverfault", "%26site=serverfault", "#", "&key=another"})
    void tokenCanNotChangeTheRequestAroundIt(String smuggled) {
        StackOverflow stackOverflow = hosts.get(StackOverflow.class);
        String token = stackOverflow.accessToken(stackOverflow.newcomer()).mint();

        new Conversions(realm, "stackoverflow").refuses(token + smuggled, ReasonCode.TOKEN_INACTIVE);

        assertThat(stackOverflow.me().requests()).singleElement().satisfies(request -> {
            assertThat(request.queryParameters())
                    .containsEntry("site", "stackoverflow")
                    .containsEntry("key", "app-key((")
                    .containsEntry("access_token", token + smuggled);
        });
    }

    @Test
    void throttlingIsNoVerdictOnTheToken() {
        StackOverflow stackOverflow = hosts.get(StackOverflow.class);
        stackOverflow
                .me()
                .answers(
                        400,
                        "application/json",
                        "{\"error_id\":502,\"error_name\":\"throttle_violation\",\"error_message\":\"x\"}");

        new Conversions(realm, "stackoverflow")
                .isUnavailableFor(
                        stackOverflow.accessToken(stackOverflow.newcomer()).mint());
    }

    @Test
    void bitbucketAddressIsTheConfirmedPrimaryOne() {
        Bitbucket bitbucket = hosts.get(Bitbucket.class);
        Person person = bitbucket.newcomer();
        bitbucket
                .emails()
                .answersJson(Map.of(
                        "values",
                        List.of(
                                Bitbucket.address("other-" + person.email(), false, true),
                                Bitbucket.address("unconfirmed-" + person.email(), true, false),
                                Bitbucket.address(person.email(), true, true))));

        Answer answer = new Conversions(realm, "bitbucket")
                .accepts(bitbucket.accessToken(person).mint());

        assertThat(answer.json().path("user").path("email").asText()).isEqualTo(person.email());
    }
}
