// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The explorer as it leaves the server: headers, names, languages, files. {@code ExplorerInBrowserIT} looks at it. */
@ExtendWith(KeycloakExtension.class)
class ExplorerIT {

    private static final Pattern ADDRESS = Pattern.compile("(?:src|href)=\"([^\"#][^\"]*)\"");

    private static TestRealm realm;
    private static AdminApi admin;
    private static FakeProvider provider;

    @BeforeAll
    static void realmWithABackend(TestRealm testRealm, AdminApi adminApi, FakeProvider fakeProvider) {
        realm = testRealm;
        admin = adminApi;
        provider = fakeProvider;
        realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
    }

    @Test
    void policyLetsNothingInButFilesOfOurOwn() {
        Answer page = page(realm);

        assertThat(page.headers().allValues("Content-Security-Policy"))
                .containsExactly("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        assertThat(page.headers().allValues("X-Frame-Options")).containsExactly("DENY");
        assertThat(page.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
        assertThat(page.headers().allValues("Referrer-Policy")).containsExactly("no-referrer");
        assertThat(page.headers().allValues("Strict-Transport-Security")).hasSize(1);
        assertThat(page.header("Cache-Control")).hasValue("no-store");
        assertThat(page.text()).doesNotContain("style=", "<style", "onclick", "javascript:");
    }

    /** Ours by an address that changes with our version, since it is kept by browsers where this is no {@code start-dev}. */
    @Test
    void everyFileIsServedByKeycloakItself() {
        List<String> addresses = ADDRESS.matcher(page(realm).text())
                .results()
                .map(address -> address.group(1))
                .toList();

        assertThat(addresses).hasSizeGreaterThan(6).allMatch(address -> address.startsWith("/"));
        for (String address : addresses) {
            realm.keycloak().call(address).get().expect(200);
        }
        assertThat(addresses)
                .anyMatch(address -> address.contains("/common/convert-token/swagger-ui-"))
                .filteredOn(address -> address.contains("explorer"))
                .allMatch(address -> address.contains("/" + BuildVersions.CURRENT.project() + "/"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "\"><img src=x onerror=alert(1)>",
                "${7*7}",
                "<#assign x=1>",
                "' onmouseover='x"
            })
    void namesOnlyEverAreText(String name) {
        try (TestRealm other = TestRealm.createIn(realm.keycloak())) {
            admin.updateRealm(other.name(), Map.of("displayName", name, "displayNameHtml", name));
            other.addOidcProvider("social", provider)
                    .importConvertTokenMapper("social", Map.of("allowedClients", "*", "backendNames", name));

            String page = page(other).text();

            String escaped = name.replace("&", "&amp;")
                    .replace("<", "&lt;")
                    .replace(">", "&gt;")
                    .replace("\"", "&quot;")
                    .replace("'", "&#39;");
            assertThat(page)
                    .contains("<span class=\"realm\">" + escaped + "</span>")
                    .contains("<option value=\"" + escaped + "\">" + escaped + "</option>")
                    .doesNotContain("<script>", "<img src=x");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "de, de",
        "'pt-BR,en;q=0.5', pt-BR",
        "'ja,de;q=0.5', ja",
        "es-MX, es",
        "fr-CA, fr",
        "'nl,fr;q=0.2', fr",
        "it, en",
        "nl, en"
    })
    void realmAndBrowserAgreeOnTheLanguage(String asked, String spoken) {
        try (TestRealm other = TestRealm.createIn(realm.keycloak())) {
            assertThat(pageIn(other, asked).header("Content-Language")).hasValue("en");

            admin.updateRealm(
                    other.name(),
                    Map.of(
                            "internationalizationEnabled",
                            true,
                            "defaultLocale",
                            "en",
                            "supportedLocales",
                            List.of("en", "de", "es", "fr", "ja", "pt-BR", "it")));

            Answer page = pageIn(other, asked);
            assertThat(page.header("Content-Language")).hasValue(spoken);
            assertThat(page.text()).contains("<html lang=\"" + spoken + "\"");
        }
    }

    @Test
    void darkModeIsTheRealms() {
        try (TestRealm other = TestRealm.createIn(realm.keycloak())) {
            assertThat(page(other).text()).contains("data-dark-mode=\"true\"");

            admin.setRealmAttributes(other.name(), Map.of("darkMode", "false"));
            assertThat(page(other).text()).contains("data-dark-mode=\"false\"");

            admin.setRealmAttributes(other.name(), Map.of("darkMode", "true"));
            admin.updateRealm(other.name(), Map.of("loginTheme", "keycloak"));
            assertThat(page(other).text()).contains("data-dark-mode=\"false\"");
        }
    }

    @Test
    void realmWithoutDisplayNameGoesByItsName() {
        assertThat(page(realm).text()).contains("<span class=\"realm\">" + realm.name() + "</span>");
    }

    /** By far more than it takes on any machine that can run Keycloak; what is looked for is a page that waits. */
    @Test
    void pageComesAtOnce() {
        page(realm);
        Instant start = Instant.now();

        page(realm);

        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(5));
    }

    private static Answer page(TestRealm of) {
        return of.call("/auth/docs").get().expect(200);
    }

    private static Answer pageIn(TestRealm of, String language) {
        return of.call("/auth/docs").header("Accept-Language", language).get().expect(200);
    }
}
