// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An identity provider that belongs to an organization: its people become members, as in the browser. */
@ExtendWith(KeycloakExtension.class)
class OrganizationsIT {

    private static final String DOMAIN = "partner.example";

    private static TestRealm realm;
    private static AdminApi admin;
    private static Google google;
    private static String organization;

    @BeforeAll
    static void organization(TestRealm testRealm, SocialHosts hosts, AdminApi adminApi) {
        realm = testRealm;
        admin = adminApi;
        google = hosts.get(Google.class);
        admin.updateRealm(realm.name(), Map.of("organizationsEnabled", true));
        organization = admin.post(
                        realm.name() + "/organizations",
                        Map.of("name", "partner", "domains", List.of(Map.of("name", DOMAIN, "verified", true))))
                .orElseThrow();
        realm.addSocialProvider(
                        "google", google, Map.of("trustEmail", "true", "kc.org.domain", DOMAIN, "hostedDomain", ""))
                .addConvertTokenMapper("google", Map.of("allowedClients", "*"));
        admin.call(realm.name() + "/organizations/" + organization + "/identity-providers")
                .json("google")
                .post()
                .expect(204);
    }

    @Test
    void newcomerBecomesAMemberAsInTheBrowser() {
        Person byBrowser = newcomer();
        Person byConversion = newcomer();
        BrowserLogin.through(realm, "google", google, byBrowser);

        assertThat(convert(byConversion).expect(200).json().path("is_new_user").asBoolean())
                .isTrue();

        assertThat(members().map(member -> member.path("username").asText()))
                .contains(byBrowser.email(), byConversion.email());
        assertThat(members()
                        .map(member -> member.path("membershipType").asText())
                        .distinct())
                .containsExactly("MANAGED");
        convert(byConversion).expect(200);
    }

    @Test
    void memberOfADisabledOrganizationIsTreatedAsInTheBrowser() {
        Person member = newcomer();
        convert(member).expect(200);
        admin.put(realm.name() + "/organizations/" + organization, disabled(true));
        try {
            boolean isLetInByBrowser =
                    BrowserLogin.withoutAnyPage(realm, "google", google, member).isPresent();

            assertThat(convert(member).status() == 200).isEqualTo(isLetInByBrowser);
        } finally {
            admin.put(realm.name() + "/organizations/" + organization, disabled(false));
        }
        convert(member).expect(200);
    }

    /** The organization decides how its members sign in: they do not add ways of their own, nor take this one away. */
    @Test
    void memberNeitherConnectsNorDisconnects() {
        Person member = newcomer();
        String bearer = realm.conversion("google", google.idToken(member).mint())
                .param("scope", "openid")
                .post()
                .expect(200)
                .accessToken();

        Answer answer = realm.call("/auth/disconnect-backend")
                .bearer(bearer)
                .param("backend", "google")
                .post();

        assertThat(answer.expect(400).errorDescription()).contains("organization");
        convert(member).expect(200);
    }

    private static Map<String, Object> disabled(boolean isDisabled) {
        return Map.of(
                "name",
                "partner",
                "enabled",
                !isDisabled,
                "domains",
                List.of(Map.of("name", DOMAIN, "verified", true)));
    }

    private static Stream<JsonNode> members() {
        return StreamSupport.stream(
                admin.get(realm.name() + "/organizations/" + organization + "/members?max=100")
                        .spliterator(),
                false);
    }

    private static Person newcomer() {
        Person person = google.newcomer();
        return person.withEmail(person.username().replaceAll("@.*", "") + "@" + DOMAIN);
    }

    private static Answer convert(Person person) {
        return realm.convert("google", google.idToken(person).mint());
    }
}
