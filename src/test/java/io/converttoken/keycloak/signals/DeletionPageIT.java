// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.converttoken.keycloak.testing.BrowserWindow;
import io.converttoken.keycloak.testing.Chromium;
import io.converttoken.keycloak.testing.ChromiumExtension;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Facebook;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page to which Facebook sends a person who has asked for the deletion of data. */
@ExtendWith({KeycloakExtension.class, ChromiumExtension.class})
class DeletionPageIT {

    private static TestRealm realm;
    private static String path = "";
    private static Person person = Person.unknown();

    @BeforeAll
    static void deletion(TestRealm testRealm, SocialHosts hosts) {
        realm = testRealm;
        realm.speakEveryLanguage();
        realm.admin().requireNothingOfUsers(realm.name());
        Facebook facebook = hosts.get(Facebook.class);
        realm.addSocialProvider("facebook", facebook, Map.of())
                .addConvertTokenMapper("facebook", Map.of("allowedClients", "*", "signals", "true"));
        person = facebook.newcomer();
        realm.convert("facebook", facebook.idToken(person).mint()).expect(200);
        String code = Sender.Sent.now(realm, "facebook", facebook, person)
                .signedRequest("?deletion=true")
                .expect(200)
                .json()
                .path("confirmation_code")
                .asText();
        path = "/auth/signals/facebook/deletions/" + code;
    }

    @ParameterizedTest(name = "{0}, phone: {2}, dark: {3}")
    @CsvSource({
        "en, Deletion of your data, false, false",
        "de, Löschung Ihrer Daten, true, false",
        "fr, Suppression de vos données, true, true",
        "es, Eliminación de sus datos, false, true",
        "ja, データの削除, true, false",
        "pt-BR, Exclusão dos seus dados, false, false"
    })
    void personReadsWhatWasDone(String language, String title, boolean isPhone, boolean isDark, Chromium chromium) {
        Chromium.WindowBuilder window = chromium.window().locale(language);
        window = isPhone ? window.phone() : window;
        window = isDark ? window.dark() : window;
        try (BrowserWindow opened = window.open()) {
            Page page = opened.visit(realm.uri(path));
            opened.screenshot("deletion-" + language + (isPhone ? "-phone" : "") + (isDark ? "-dark" : ""));

            assertThat(page.locator("h1")).hasText(title);
            assertThat(page.locator("html")).hasAttribute("lang", language);
            assertThat(page.locator("main").innerText())
                    .contains("1")
                    .doesNotContain("{0}", person.subject(), person.email(), person.username());
            assertThat(opened.violations()).isEmpty();
        }
    }
}
