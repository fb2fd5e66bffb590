// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.converttoken.keycloak.testing.BrowserWindow;
import io.converttoken.keycloak.testing.Chromium;
import io.converttoken.keycloak.testing.ChromiumExtension;
import io.converttoken.keycloak.testing.DemoRealms;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code examples/web} in a browser, as the demo serves it. Each window is a device. */
@ExtendWith({ChromiumExtension.class, KeycloakExtension.class})
final class WebSampleIT {

    private static final int PHONE_WIDTH = 390;

    private static WebSampleServer sample;
    private static DemoRealms realms;
    private static Chromium chromium;

    @BeforeAll
    static void bench(KeycloakServer keycloak, Chromium someChromium) {
        chromium = someChromium;
        sample = WebSampleServer.start(keycloak.base());
        realms = DemoRealms.importInto(keycloak, sample.address());
    }

    @AfterAll
    static void close() {
        if (sample != null) {
            realms.close();
            sample.close();
        }
    }

    @BeforeEach
    void nobodyIsSignedIn() {
        for (String username : List.of("bob", "carol")) {
            realms.admin()
                    .findUser(realms.demo().name(), username)
                    .ifPresent(user -> realms.admin().logout(realms.demo().name(), username));
        }
    }

    @Test
    void personSeesTheDevicesAndSignsThemOut() {
        BrowserWindow window = chromium.window().size(1000, 600).open();
        BrowserWindow secondWindow = chromium.window().open();
        Page second = signedIn(secondWindow, "bob");
        Page third = signedIn(chromium.window().open(), "bob");
        Page page = signedIn(window, "bob");

        button(page, "Refresh").click();
        assertThat(page.getByRole(AriaRole.STATUS)).isEmpty();
        assertThat(page.getByText("bob@example.com")).isVisible();
        assertThat(devices(page)).hasCount(3);
        assertThat(devices(page).first()).containsText("This device");
        window.screenshot("web-sample");
        devices(page).last().getByRole(AriaRole.BUTTON).click();
        assertThat(devices(page)).hasCount(2);
        button(page, "Sign out the other devices").click();

        assertThat(page.getByRole(AriaRole.STATUS)).hasText("The other devices are signed out.");
        assertThat(devices(page)).hasCount(1);
        assertThat(button(page, "Sign out the other devices")).isDisabled();
        for (Page ended : List.of(second, third)) {
            button(ended, "Refresh").click();
            assertThat(ended.getByRole(AriaRole.ALERT)).containsText("invalid_token");
            assertThat(ended.getByRole(AriaRole.ALERT)).containsText("Bearer token is not valid");
            assertThat(heading(ended, "Sign in")).isFocused();
        }

        secondWindow.screenshot("web-sample-refusal");
        assertThat(secondWindow.violations()).isEmpty();

        button(page, "Sign out here").click();
        assertThat(heading(page, "Sign in")).isFocused();
        assertThatNobodyIsSignedIn("bob");
        assertThatNothingFailed(window);
    }

    /** The provider's page is opened with PKCE and a nonce, and the conversion brings the nonce along. */
    @Test
    void nothingIsLeftInTheBrowserAndTheTokenIsBoundToTheSignIn() {
        BrowserWindow window = chromium.window().open();
        Page page = window.visit(sample.address());

        Request conversion = page.waitForRequest("**/auth/convert-token", () -> {
            Page popup =
                    page.waitForPopup(() -> button(page, "Continue with Social").click());
            assertThat(popup.locator("#username")).isVisible();
            assertThat(popup.url()).contains("&nonce=", "&code_challenge_method=S256");
            fillIn(popup, "bob");
        });

        assertThat(conversion.postData()).contains("&nonce=");
        assertThat(heading(page, "Bob Baker")).isVisible();
        assertThat(page.evaluate("localStorage.length + sessionStorage.length")).isEqualTo(0);
        page.reload();
        assertThat(heading(page, "Sign in")).isVisible();
        assertThatNothingFailed(window);
    }

    /** German as a reader in Austria asks for it. */
    @ParameterizedTest
    @CsvSource({
        "en, en, Sign in, You are signed out on all devices.",
        "de-AT, de, Anmelden, Sie sind auf allen Geräten abgemeldet."
    })
    void pageIsSoundInEveryShape(String locale, String language, String title, String goodbye) {
        BrowserWindow window = chromium.window().locale(locale).open();
        Page page = window.visit(sample.address());

        assertThat(heading(page, title)).isVisible();
        assertThat(page.locator("html")).hasAttribute("lang", language);
        isSoundInEveryShape(window, "signed-out-" + locale);
        signIn(page, "carol");
        isSoundInEveryShape(window, "signed-in-" + locale);
        page.locator("#end-all").click();

        assertThat(page.getByRole(AriaRole.STATUS)).hasText(goodbye);
        assertThat(heading(page, title)).isFocused();
        assertThatNobodyIsSignedIn("carol");
        assertThatNothingFailed(window);
    }

    /** The realm is not there, and the page says so in German; what the realm says itself stays English. */
    @Test
    void refusalsSayTheirLanguage() {
        BrowserWindow window = chromium.window().locale("de").open();
        Page page = window.visit(sample.address());
        signIn(page, "bob");
        Locator alert = page.getByRole(AriaRole.ALERT);

        page.route("**/auth/sessions*", Route::abort);
        page.locator("#refresh").click();
        assertThat(alert).containsText("Der Realm ist nicht zu erreichen");
        assertThat(alert.locator("[lang=de]")).hasCount(1);
        page.unroute("**/auth/sessions*");
        realms.admin().logout(realms.demo().name(), "bob");
        page.locator("#refresh").click();

        assertThat(alert).containsText("Bearer token is not valid");
        assertThat(alert.locator("[lang=en]")).hasCount(1);
        assertThat(window.violations()).isEmpty();
    }

    @Test
    void languageThatThePageDoesNotSpeakGetsEnglish() {
        Page page = chromium.window().locale("ja").open().visit(sample.address());

        assertThat(page.locator("html")).hasAttribute("lang", "en");
        assertThat(heading(page, "Sign in")).isVisible();
    }

    @Test
    void pageSaysTheSameInEveryLanguage() {
        Page page = chromium.window().open().visit(sample.address());

        Object keys = page.evaluate("import('./messages.js')"
                + ".then(({ MESSAGES }) => Object.values(MESSAGES).map((texts) => Object.keys(texts).sort().join()))");

        assertThat((List<?>) keys).hasSize(2);
        assertThat(Set.copyOf((List<?>) keys)).hasSize(1);
    }

    private static void isSoundInEveryShape(BrowserWindow window, String name) {
        Page page = window.page();
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            for (int width : List.of(1280, PHONE_WIDTH)) {
                String shape = name + "-" + width + "-" + scheme;
                page.setViewportSize(width, 900);
                window.screenshot("web-sample-" + shape);
                assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
                        .as(shape)
                        .isEqualTo(true);
                assertThat(window.violations()).as(shape).isEmpty();
            }
        }
    }

    private static Page signedIn(BrowserWindow window, String username) {
        Page page = window.visit(sample.address());
        signIn(page, username);
        return page;
    }

    private static void signIn(Page page, String username) {
        Page popup = page.waitForPopup(() -> page.locator("#continue").click());
        fillIn(popup, username);
        assertThat(page.locator("#sign-out")).isVisible();
    }

    /** The password is the user name. */
    private static void fillIn(Page popup, String username) {
        popup.locator("#username").fill(username);
        popup.locator("#password").fill(username);
        popup.locator("#kc-login").click();
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator heading(Page page, String name) {
        return page.getByRole(
                AriaRole.HEADING, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator devices(Page page) {
        return page.locator("#devices li");
    }

    private static void assertThatNobodyIsSignedIn(String username) {
        assertThat(realms.admin().sessions(realms.demo().name(), username)).isEmpty();
    }

    private static void assertThatNothingFailed(BrowserWindow window) {
        assertThat(window.consoleErrors()).isEmpty();
        assertThat(window.failedRequests()).isEmpty();
    }
}
