// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Once a provider's keys are known, an ID token converts without a call to anybody. */
@ExtendWith(KeycloakExtension.class)
class SteadyStateIT {

    private static TestRealm realm;
    private static SocialHosts hosts;
    private static SocialAttacks providers;

    @BeforeAll
    static void backends(TestRealm testRealm, SocialHosts socialHosts) {
        realm = testRealm;
        hosts = socialHosts;
        providers = new SocialAttacks(hosts, realm);
        realm.admin().requireNothingOfUsers(realm.name());
        SocialAttacks.WITH_ID_TOKENS.forEach(alias -> Conversions.add(
                realm,
                alias,
                providers.provider(alias),
                Map.of(),
                Map.of("acceptedAudiences", alias.equals("apple") ? Apple.BUNDLE_ID : "")));
    }

    static List<String> aliases() {
        return SocialAttacks.WITH_ID_TOKENS;
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void idTokenConvertsWithoutACall(String alias) {
        SocialProvider provider = providers.provider(alias);
        Person known = provider.newcomer();
        Conversions conversions = new Conversions(realm, alias);
        conversions.call(provider.idToken(known).mint()).post();
        assertThat(provider.keys().orElseThrow().requestCount()).isEqualTo(1);
        hosts.reset();

        Answer again = conversions.call(provider.idToken(known).mint()).post();
        Answer another =
                conversions.call(provider.idToken(provider.newcomer()).mint()).post();

        assertThat(again.status()).isEqualTo(200);
        assertThat(another.status()).isEqualTo(200);
        assertThat(hosts.requestCount()).isZero();
    }

    @Test
    void configuredProviderIsNotAskedEither(FakeProvider provider) {
        realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
        Conversions conversions = new Conversions(realm, "social");
        conversions.accepts(provider.idToken(Person.unknown()).mint());
        assertThat(provider.jwks().requestCount()).isEqualTo(1);
        provider.reset();

        conversions.accepts(provider.idToken(Person.unknown()).mint());

        assertThat(provider.jwks().requestCount()).isZero();
        assertThat(provider.userInfo().requestCount()).isZero();
        assertThat(provider.introspection().requestCount()).isZero();
    }
}
