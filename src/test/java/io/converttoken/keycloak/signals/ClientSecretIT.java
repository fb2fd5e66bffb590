// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.GitHub;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The secret by which a provider proves a message. */
@ExtendWith(KeycloakExtension.class)
class ClientSecretIT {

    private static final String BODY = "{\"action\":\"revoked\",\"sender\":{\"id\":1}}";
    private static final String REFERENCE = "${vault.github-webhook}";

    /** Everybody knows the text of a reference, and it must not be the secret where the vault has none. */
    @ParameterizedTest
    @CsvSource({"client-reference, ${vault.github-webhook}, ''", "webhook-reference, known, ${vault.github-webhook}"})
    void referenceThatLeadsNowhereIsNoSecret(
            String alias, String clientSecret, String signalSecret, TestRealm realm, SocialHosts hosts) {
        realm.addSocialProvider(alias, hosts.get(GitHub.class), Map.of("clientSecret", clientSecret))
                .addConvertTokenMapper(
                        alias, Map.of("allowedClients", "*", "signals", "true", "signalSecret", signalSecret));
        realm.clearEvents();

        for (String secret : new String[] {REFERENCE, "known", "x"}) {
            send(realm, alias, secret, 400);
        }

        assertThat(realm.event("REVOKE_GRANT_ERROR").detail("reason")).isEqualTo("secret_not_configured");
    }

    @Test
    void clientSecretIsTheSecretWhereNothingElseIsSaid(TestRealm realm, SocialHosts hosts) {
        GitHub gitHub = hosts.get(GitHub.class);
        realm.addSocialProvider("plain", gitHub, Map.of())
                .addConvertTokenMapper("plain", Map.of("allowedClients", "*", "signals", "true"));

        send(realm, "plain", gitHub.clientSecret(), 204);
        send(realm, "plain", "another", 400);
    }

    private static void send(TestRealm realm, String alias, String secret, int status) {
        realm.call("/auth/signals/" + alias)
                .header("X-GitHub-Event", "github_app_authorization")
                .header("X-Hub-Signature-256", "sha256=" + HexFormat.of().formatHex(Sender.hmac(BODY, secret)))
                .body("application/json", BODY)
                .post()
                .expect(status);
    }
}
