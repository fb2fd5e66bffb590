// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The description names the backends that convert and that the login page shows to anybody, and no other. */
@ExtendWith(KeycloakExtension.class)
class NamedBackendsIT {

    private static KeycloakServer keycloak;
    private static AdminApi admin;
    private static FakeProvider provider;

    @BeforeAll
    static void server(KeycloakServer server, AdminApi adminApi, FakeProvider fakeProvider) {
        keycloak = server;
        admin = adminApi;
        provider = fakeProvider;
    }

    @ParameterizedTest
    @CsvSource({
        "shown, '', shown",
        "hidden, hideOnLogin, ",
        "linking, linkOnly, ",
    })
    void strangersHearOnlyOfBackendsThatTheLoginPageOffers(String alias, String setting, @Nullable String named) {
        Map<String, String> settings = setting.isEmpty() ? Map.of() : Map.of(setting, "true");
        try (TestRealm other = TestRealm.createIn(keycloak)) {
            other.addOidcProvider(alias, provider, settings)
                    .addConvertTokenMapper(alias, Map.of("allowedClients", "*", "backendNames", alias + "-name"));

            assertThat(backends(other)).isEqualTo(named == null ? List.of() : List.of(named, named + "-name"));
        }
    }

    @Test
    void strangersDoNotHearOfOrganizations() {
        try (TestRealm other = TestRealm.createIn(keycloak)) {
            admin.updateRealm(other.name(), Map.of("organizationsEnabled", true));
            String organization = admin.post(
                            other.name() + "/organizations",
                            Map.of("name", "partner", "domains", List.of(Map.of("name", "partner.example"))))
                    .orElseThrow();
            other.addOidcProvider("partner", provider).addConvertTokenMapper("partner", Map.of("allowedClients", "*"));
            assertThat(backends(other)).containsExactly("partner");

            admin.call(other.name() + "/organizations/" + organization + "/identity-providers")
                    .json("partner")
                    .post()
                    .expect(204);

            assertThat(backends(other)).isEmpty();
        }
    }

    @Test
    void onlyWhatConvertsIsABackend() {
        try (TestRealm other = TestRealm.createIn(keycloak)) {
            other.addOidcProvider("plain", provider);
            other.addOidcProvider("off", provider, Map.of("enabled", "false"))
                    .addConvertTokenMapper("off", Map.of("allowedClients", "*"));
            other.addOidcProvider("broken", provider)
                    .importConvertTokenMapper("broken", Map.of("allowedClients", "*", "maxTokenAge", "soon"));
            other.addOidcProvider("one", provider)
                    .addConvertTokenMapper("one", Map.of("allowedClients", "*", "backendNames", "both"));
            other.addOidcProvider("two", provider)
                    .importConvertTokenMapper("two", Map.of("allowedClients", "*", "backendNames", "both"));

            assertThat(backends(other)).containsExactly("one", "two");
        }
    }

    private static List<String> backends(TestRealm of) {
        List<String> names = new ArrayList<>();
        of.call("/auth/openapi.json")
                .get()
                .expect(200)
                .json()
                .at("/components/schemas/Backend/enum")
                .forEach(name -> names.add(name.asText()));
        return names;
    }
}
