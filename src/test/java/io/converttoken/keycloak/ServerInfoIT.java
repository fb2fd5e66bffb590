// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of our providers are there, and of which version, is told by the server itself. */
@ExtendWith(KeycloakExtension.class)
class ServerInfoIT {

    @ParameterizedTest
    @CsvSource({
        "realm-restapi-extension,auth",
        "admin-realm-restapi-extension,auth",
        "identity-provider-mapper,convert-token",
        "eventsListener,convert-token-mapper",
        "eventsListener,convert-token-signals",
        "eventsListener,convert-token-revocation",
        "oauth2-grant-type,convert_token",
        "oauth2-token-exchange,convert-token",
        "refresh-token,convert-token",
        "client-policy-manager,default",
        "oauth2-token-introspection,access_token",
        "oauth2-token-introspection,refresh_token",
        "oauth2-token-introspection,requesting_party_token"
    })
    void providerIsListedWithTheVersionOfTheJar(String spi, String provider, AdminApi admin, KeycloakServer keycloak) {
        JsonNode providers = serverInfo(admin).path("providers").path(spi).path("providers");
        JsonNode info = providers.path(provider).path("operationalInfo");

        assertThat(info.path("extension").asText())
                .as("%s in %s", provider, providers)
                .isEqualTo("Keycloak Convert Token");
        assertThat(keycloak.extensionFileName())
                .isEqualTo("keycloak-convert-token-" + info.path("version").asText() + ".jar");
    }

    @Test
    void everyFactoryOfOursIsListed(AdminApi admin) {
        long listed =
                serverInfo(admin).path("providers").findValues("extension").size();

        assertThat(listed).isEqualTo(13);
    }

    private static JsonNode serverInfo(AdminApi admin) {
        return admin.serverInfo();
    }
}
