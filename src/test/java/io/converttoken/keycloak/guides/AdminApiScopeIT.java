// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.guides.MarkdownFile.Block;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.TestRealm;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The commands of {@code docs/operations.md} that give a client the scope of the admin API, which Keycloak has from 26.8.2
 * on. On an older one the test makes the scope.
 */
@ExtendWith(KeycloakExtension.class)
final class AdminApiScopeIT {

    private static final String SCOPE = "kc-admin-api";

    @Test
    void commandsOfTheGuideGiveIt(TestRealm realm, AdminApi admin) {
        if (!admin.hasClientScope(realm.name(), SCOPE)) {
            admin.createClientScope(realm.name(), Map.of("name", SCOPE, "protocol", "openid-connect"));
        }

        Shell.run(commands(realm), Map.of()).expectSuccess();

        assertThat(admin.client(realm.name(), TestRealm.APP.clientId())
                        .path("defaultClientScopes")
                        .toString())
                .contains(SCOPE);
    }

    private static String commands(TestRealm realm) {
        String printed = MarkdownFile.read(Path.of("docs", "operations.md")).blocks().stream()
                .filter(Block::isShell)
                .map(Block::text)
                .filter(text -> text.contains(SCOPE))
                .findFirst()
                .orElseThrow();
        return printed.replace("$KEYCLOAK_URL", realm.keycloak().base().toString())
                .replace("/demo/", "/" + realm.name() + "/")
                .replace("clientId=demo-app", "clientId=" + TestRealm.APP.clientId());
    }
}
