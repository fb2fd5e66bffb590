// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.guides.MarkdownFile.Block;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The command of {@code docs/operations.md} that makes Keycloak check who signed a logout token of Google. */
@ExtendWith(KeycloakExtension.class)
final class LogoutTokenRemedyIT {

    @Test
    void commandOfTheGuideSetsIt(TestRealm realm, SocialHosts hosts, KeycloakServer keycloak, AdminApi admin) {
        assumeTrue(KeycloakServer.isDistribution(), "kcadm.sh is in the distribution");
        Google google = hosts.get(Google.class);
        realm.addSocialProvider("google", google, Map.of());

        Shell.run(command(realm, keycloak), Map.of()).expectSuccess();

        JsonNode config = admin.identityProvider(realm.name(), "google").path("config");
        assertThat(config.path("validateSignature").asText()).isEqualTo("true");
        assertThat(config.path("useJwksUrl").asText()).isEqualTo("true");
        assertThat(config.path("jwksUrl").asText())
                .isEqualTo(google.keys().orElseThrow().uri().toString());
        // which needs the client secret: the command must not have lost it
        BrowserLogin.through(realm, "google", google, google.newcomer());
    }

    private static String command(TestRealm realm, KeycloakServer keycloak) {
        String printed = MarkdownFile.read(Path.of("docs", "operations.md")).blocks().stream()
                .filter(Block::isShell)
                .map(Block::text)
                .filter(text -> text.contains("kcadm.sh"))
                .findFirst()
                .orElseThrow();
        return printed.replace("/opt/keycloak", keycloak.home().toString())
                .replace("$KEYCLOAK_URL", keycloak.base().toString())
                .replace("-r demo", "-r " + realm.name());
    }
}
