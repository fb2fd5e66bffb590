// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.BrowserWindow;
import io.converttoken.keycloak.testing.Chromium;
import io.converttoken.keycloak.testing.Chromium.WindowBuilder;
import io.converttoken.keycloak.testing.ChromiumExtension;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a developer does in the explorer. */
@ExtendWith({ChromiumExtension.class, KeycloakExtension.class})
class ExplorerInBrowserIT {

    private static final int PHONE_WIDTH = 390;

    private static TestRealm realm;
    private static FakeProvider provider;
    private static Chromium chromium;

    @BeforeAll
    static void realmThatSpeaks(TestRealm testRealm, AdminApi admin, FakeProvider fakeProvider, Chromium someChromium) {
        realm = testRealm;
        provider = fakeProvider;
        chromium = someChromium;
        realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
        admin.updateRealm(
                realm.name(),
                Map.of(
                        "displayName",
                        "Example Company",
                        "internationalizationEnabled",
                        true,
                        "supportedLocales",
                        List.of("en", "de", "es", "fr", "ja", "pt-BR")));
    }

    @ParameterizedTest
    @CsvSource({"light, 1280", "dark, 1280", "light, 390", "dark, 390"})
    void pageIsSoundInEveryShape(String scheme, int width) {
        WindowBuilder builder = chromium.window().size(width, 900);
        BrowserWindow window = (scheme.equals("dark") ? builder.dark() : builder).open();

        Page page = open(window, "/auth/docs");
        window.screenshot("explorer-" + scheme + "-" + width);
        assertThat(window.violations()).isEmpty();
        openConversion(page);
        window.screenshot("explorer-" + scheme + "-" + width + "-call");
        assertThat(window.violations()).isEmpty();
        page.locator(".btn.authorize").click();
        page.locator(".modal-ux").waitFor();
        window.screenshot("explorer-" + scheme + "-" + width + "-authorize");
        assertThat(window.violations()).isEmpty();

        assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
                .isEqualTo(true);
        assertThat(page.evaluate("document.documentElement.classList.contains('dark-mode')"))
                .isEqualTo(scheme.equals("dark"));
        isSoundAndStaysHere(window);
    }

    @ParameterizedTest
    @ValueSource(strings = {"de", "es", "fr", "ja", "pt-BR"})
    void pageSpeaksTheBrowsersLanguage(String language) {
        BrowserWindow window =
                chromium.window().size(PHONE_WIDTH, 900).locale(language).open();

        Page page = open(window, "/auth/docs");

        window.screenshot("explorer-" + language);
        assertThat(page.locator("html")).hasAttribute("lang", language);
        assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
                .isEqualTo(true);
        isSoundAndStaysHere(window);
    }

    @Test
    void conversionIsTriedOut() {
        BrowserWindow window = chromium.window().open();
        Page page = open(window, "/auth/docs");
        Person bob = Person.unknown();
        openConversion(page);
        page.locator("[data-property-name=client_id] input").fill("mobile");
        page.locator("[data-property-name=token] input")
                .fill(provider.idToken(bob).mint());

        page.locator(".btn.execute").click();

        Locator answer = page.locator(".live-responses-table");
        assertThat(answer).containsText("200");
        assertThat(answer).containsText(bob.email());
        assertThat(answer).containsText("is_new_user");
        window.screenshot("explorer-conversion");
        assertThat(window.violations()).isEmpty();
        isSoundAndStaysHere(window);
        assertThat(realm.event("LOGIN").detail("auth_method")).isEqualTo("convert_token");
    }

    @Test
    void bearerTokenIsTriedOut() {
        Person carol = Person.unknown();
        realm.addUser(carol);
        var tokens = realm.signIn(TestRealm.MOBILE, carol.username(), carol.username());
        BrowserWindow window = chromium.window().open();
        Page page = open(window, "/auth/docs");
        page.locator(".btn.authorize").click();
        Locator bearer = page.locator(".auth-container")
                .filter(new Locator.FilterOptions().setHasText("An access token of this realm"));
        bearer.locator("input").fill(tokens.accessToken());
        bearer.locator(".btn.authorize").click();
        page.locator(".btn-done").first().click();
        page.locator("#operations-Sessions-invalidateRefreshTokens .opblock-summary-control")
                .click();
        page.locator(".try-out__btn").click();
        page.locator("[data-property-name=client_id] input").fill("mobile");

        page.locator(".btn.execute").click();

        assertThat(page.locator(".live-responses-table")).containsText("204");
        assertThat(realm.refresh(TestRealm.MOBILE, tokens.refreshToken()).status())
                .isEqualTo(400);
        isSoundAndStaysHere(window);
    }

    @Test
    void accessTokenIsTypedWhereTheDialogOpens() {
        Page page = open(chromium.window().open(), "/auth/docs");
        page.locator(".btn.authorize").click();

        Locator bearer = page.locator(".auth-container").first();
        assertThat(bearer).containsText("An access token of this realm");
        assertThat(bearer.locator("input")).isFocused();
        assertThat(page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"
                        + ".filter((id, at, all) => all.indexOf(id) !== at)"))
                .isEqualTo(List.of());
    }

    @Test
    void clientIsCarriedIntoTheCallThatIsTriedOut() {
        Page page = open(chromium.window().open(), "/auth/docs");
        page.getByLabel("Client ID").fill("mobile");

        openConversion(page);

        Locator client = page.locator("[data-property-name=client_id] input");
        assertThat(client).hasValue("mobile");
        page.getByLabel("Client ID").fill("app");
        assertThat(client).hasValue("app");
        client.fill("my-own");
        page.getByLabel("Client ID").fill("mobile");
        assertThat(client).hasValue("my-own");
    }

    @Test
    void requiredFieldThatIsEmptyIsMarked() {
        BrowserWindow window = chromium.window().open();
        Page page = open(window, "/auth/docs");
        page.locator("#operations-Sessions-invalidateSessions .opblock-summary-control")
                .click();
        page.locator("#operations-Sessions-invalidateSessions .try-out__btn").click();
        Locator client = page.locator("[data-property-name=client_id] input");
        client.fill("");

        page.locator(".btn.execute").click();

        assertThat(client).hasAttribute("aria-invalid", "true");
        assertThat(client).isFocused();
        window.screenshot("explorer-missing");
        client.fill("t");
        assertThat(page.locator("[data-property-name=client_id] [aria-invalid]"))
                .hasCount(0);
    }

    @Test
    void realmWithoutBackendsSaysSo() {
        try (TestRealm bare = TestRealm.createIn(realm.keycloak())) {
            BrowserWindow window = chromium.window().open();
            Page page = window.visit(bare.uri("/auth/docs"));

            assertThat(page.locator("#no-backends")).containsText("This realm shows no backend yet.");
            assertThat(window.violations()).isEmpty();
        }
    }

    @Test
    void copiedCommandConverts() throws Exception {
        Page page = open(chromium.window().open(), "/auth/docs");
        Person bob = Person.unknown();
        page.getByLabel("Client ID").fill("app");
        page.getByLabel("The client has a secret").check();

        page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName("Copy").setExact(true))
                .click();

        assertThat(page.locator("#status")).hasText("Copied");
        String command = (String) page.evaluate("navigator.clipboard.readText()");
        JsonNode answer = json(
                command, Map.of("TOKEN", provider.idToken(bob).mint(), "CLIENT_SECRET", "app-secret"), Path.of("."));
        assertThat(answer.at("/user/email").asText()).isEqualTo(bob.email());
    }

    /** One after the other, as somebody would try them; those of an administrator too. */
    @Test
    void everyCommandDoesWhatItSays(@TempDir Path directory) throws Exception {
        Page page = open(chromium.window().open(), "/auth/docs");
        page.getByLabel("Client ID").fill("mobile");
        Person person = Person.unknown();
        realm.addUser(person);
        var tokens = realm.signIn(TestRealm.MOBILE, person);
        Map<String, String> shell = new LinkedHashMap<>();
        shell.put("TOKEN", provider.idToken(Person.unknown()).mint());
        shell.put("ACCESS_TOKEN", tokens.accessToken());
        shell.put("REFRESH_TOKEN", tokens.refreshToken());
        shell.put("REDIRECT_URI", TestRealm.WEB_ORIGIN + "/back");
        shell.put(
                "USER_ID",
                realm.admin().user(realm.name(), person.username()).path("id").asText());
        shell.put("ADMIN_TOKEN", adminToken());

        assertThat(json(commandOf(page, "openApiJson"), shell, directory).has("openapi"))
                .isTrue();
        assertThat(json(commandOf(page, "token"), shell, directory).has("access_token"))
                .isTrue();
        assertThat(run(commandOf(page, "authorize"), shell, directory))
                .startsWith("HTTP/1.1 302")
                .contains("kc_idp_hint=social");
        assertThat(run(commandOf(page, "connectBackend"), shell, directory)).startsWith("HTTP/1.1 204");
        assertThat(run(commandOf(page, "disconnectBackend"), shell, directory)).startsWith("HTTP/1.1 204");
        shell.put("TOKEN", provider.idToken(Person.unknown()).mint());
        assertThat(json(commandOf(page, "tokenEndpoint"), shell, directory).has("issued_token_type"))
                .isTrue();
        assertThat(json(commandOf(page, "sessions"), shell, directory)
                        .at("/sessions/0/client_id")
                        .asText())
                .isEqualTo("mobile");
        assertThat(run(commandOf(page, "invalidateRefreshTokens"), shell, directory))
                .startsWith("HTTP/1.1 204");
        assertThat(json(commandOf(page, "invalidateRefreshTokensOfUser"), shell, directory)
                        .has("sessions"))
                .isTrue();
        assertThat(run(commandOf(page, "revokeToken"), shell, directory)).startsWith("HTTP/1.1 200");
        assertThat(json(commandOf(page, "invalidateSessionsOfUser"), shell, directory)
                        .has("sessions"))
                .isTrue();
        assertThat(run(commandOf(page, "invalidateSessions"), shell, directory)).startsWith("HTTP/1.1 401");
    }

    @Test
    void nothingThatIsTypedIsRunByTheShell(@TempDir Path directory) throws Exception {
        Page page = open(chromium.window().open(), "/auth/docs");
        String hostile = "it's \"$(touch ran)\" `touch ran` \\ ; touch ran #";
        page.getByLabel("Client ID").fill(hostile);
        page.locator("#backend").selectOption("");
        page.locator("#other-backend").fill(hostile);

        JsonNode answer =
                json(page.locator("#command").textContent(), Map.of("TOKEN", "'; touch ran; $(touch ran)"), directory);

        assertThat(answer.path("error").asText()).isEqualTo("invalid_client");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
        assertThat(page.locator("#command").locator("*").count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?url=https://elsewhere.example/api.json",
                "?configUrl=https://elsewhere.example/config.json",
                "?urls.primaryName=x&oauth2RedirectUrl=https://elsewhere.example/",
                "?openapi=https://elsewhere.example/api.json#/x"
            })
    void queryConfiguresNothing(String query) {
        BrowserWindow window = chromium.window().open();

        Page page = open(window, "/auth/docs" + query);

        assertThat(page.locator("#operations-Tokens-convertToken")).isVisible();
        isSoundAndStaysHere(window);
    }

    @Test
    void callsAreChosenByKeyboard() {
        Page page = open(chromium.window().open(), "/auth/docs");
        page.locator("#tab-convertToken").focus();

        page.keyboard().press("End");
        assertThat(page.locator("#tab-explainConversion")).isFocused();
        assertThat(page.locator("#path")).containsText("/backends/{name}/explain");
        page.keyboard().press("ArrowDown");
        assertThat(page.locator("#tab-convertToken")).hasAttribute("aria-selected", "true");
        assertThat(page.locator("[role=tab][aria-selected=true]")).hasCount(1);
        page.keyboard().press("Shift+Tab");
        assertThat(page.locator("#confidential")).isFocused();
    }

    /** Under a second on a machine that has nothing else to do; the limit is for one that has. */
    @Test
    void pageIsUsableSoon() {
        open(chromium.window().open(), "/auth/docs");
        BrowserWindow window = chromium.window().open();
        Instant start = Instant.now();

        open(window, "/auth/docs");

        Duration taken = Duration.between(start, Instant.now());
        System.out.println("Explorer usable after " + taken.toMillis() + " ms");
        assertThat(taken).isLessThan(Duration.ofSeconds(20));
    }

    private static Page open(BrowserWindow window, String path) {
        Page page = window.visit(realm.uri(path));
        page.locator(".opblock").first().waitFor();
        assertThat(page.locator("#command")).containsText("curl");
        return page;
    }

    private static void openConversion(Page page) {
        page.locator("#operations-Tokens-convertToken .opblock-summary-control").click();
        page.locator("#operations-Tokens-convertToken .try-out__btn").click();
        page.locator("[data-property-name=token] input").waitFor();
    }

    private static String commandOf(Page page, String call) {
        page.locator("#tab-" + call).click();
        return page.locator("#command").textContent();
    }

    private static void isSoundAndStaysHere(BrowserWindow window) {
        URI here = realm.uri("");
        assertThat(window.consoleErrors()).isEmpty();
        assertThat(window.failedRequests()).isEmpty();
        assertThat(window.requests())
                .isNotEmpty()
                .filteredOn(request -> !request.getScheme().equals("data"))
                .allMatch(request -> request.getAuthority().equals(here.getAuthority()));
    }

    private static String adminToken() {
        return realm.keycloak()
                .call("/realms/master/protocol/openid-connect/token")
                .params(Map.of("client_id", "admin-cli", "grant_type", "password"))
                .params(Map.of("username", "admin", "password", "admin"))
                .post()
                .expect(200)
                .accessToken();
    }

    private static JsonNode json(String command, Map<String, String> shell, Path directory) throws Exception {
        return new ObjectMapper().readTree(run(command, shell, directory));
    }

    private static String run(String command, Map<String, String> shell, Path directory)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", command)
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(shell);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(command).isTrue();
        return output;
    }
}
