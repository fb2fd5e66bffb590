// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Explained;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.verification.SocialAttacks.Attack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Provider by attack: whatever is not genuine, not valid now or not ours is refused, and leaves nothing but an event. */
@ExtendWith(KeycloakExtension.class)
class SocialRefusalsIT {

    private static TestRealm realm;
    private static KeycloakServer keycloak;
    private static SocialHosts hosts;
    private static SocialAttacks attacks;
    private static AttackTable table;

    @BeforeAll
    static void realm(TestRealm testRealm, SocialHosts socialHosts, KeycloakServer server) {
        realm = testRealm;
        keycloak = server;
        hosts = socialHosts;
        attacks = new SocialAttacks(hosts, realm);
        table = new AttackTable(SocialAttacks.titles());
        SocialAttacks.providers()
                .keySet()
                .forEach(alias -> realm.addSocialProvider(alias, attacks.provider(alias), Map.of())
                        .addConvertTokenMapper(
                                alias,
                                Map.of(
                                        "allowedClients",
                                        "*",
                                        "acceptedAudiences",
                                        alias.equals("apple") ? Apple.BUNDLE_ID : "")));
    }

    @AfterAll
    static void report() throws IOException {
        Files.writeString(Path.of("target", "attacks.md"), table.markdown());
    }

    static Stream<Attack> attacks() {
        return Stream.of(attacks.all(), attacks.namingAnotherClient(), attacks.ofMachines(), attacks.encrypted())
                .flatMap(stream -> stream);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void isRefused(Attack attack) {
        String token = attacks.token(attack);
        int users = realm.userCount();
        realm.clearEvents();

        Answer answer = realm.convert(attack.alias(), token);

        assertThat(answer.expect(400).error()).isEqualTo("invalid_grant");
        table.add(attack, "refused");
        UserEvent event = realm.event("LOGIN_ERROR");
        assertThat(event.detail("reason")).isEqualTo(attack.reason().code());
        assertThat(realm.userCount()).isEqualTo(users);
        assertThat(keycloak.log().contains(token)).isFalse();
        assertThat(hosts.strangers()).isEmpty();
        Explained.of(realm, attack.alias(), token).refusesFor(attack.reason().code(), token);
    }
}
