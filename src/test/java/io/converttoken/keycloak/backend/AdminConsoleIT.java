// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.AdminConsole;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserWindow;
import io.converttoken.keycloak.testing.Chromium;
import io.converttoken.keycloak.testing.ChromiumExtension;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keycloak.provider.ProviderConfigProperty;

/** The stock admin console with our mapper's form in it, used as an administrator does. */
@ExtendWith(ChromiumExtension.class)
@ExtendWith(KeycloakExtension.class)
class AdminConsoleIT {

    private static TestRealm realm;
    private static FakeProvider provider;
    private static AdminApi admin;

    @BeforeAll
    static void realm(TestRealm testRealm, FakeProvider fakeProvider, AdminApi adminApi) {
        realm = testRealm;
        provider = fakeProvider;
        admin = adminApi;
        realm.addOidcProvider("partner", provider).addOidcProvider("other", provider);
        admin.addClientRole(realm.name(), TestRealm.ALICE.username(), "realm-management", "realm-admin");
        realm.speakEveryLanguage();
    }

    @Test
    void backendIsMadeChangedAndUnmadeByHand(Chromium chromium) {
        assertThat(convert().expect(400).errorDescription()).isEqualTo("Unknown backend");
        AdminConsole console =
                AdminConsole.signIn(realm, chromium.window().size(1280, 1840).open());

        console.clickToMappers("partner");
        console.button("Add mapper").click();
        console.text("Name").fill("convert token");
        console.chooseMapperType("Convert Token");
        console.text("Allowed clients").fill("app\nmobile");
        console.text("Backend names").fill("partner-oauth2");
        console.text("Accepted audiences").fill("com.example.ios\ncom.example.android");
        console.choose("Accepted tokens", "id_token");
        console.switchOn("Single use");
        console.text("Maximum token age").fill("600");
        console.window().screenshot("admin-console-form");
        console.save();

        assertThat(console.alert()).containsText("Mapper created successfully");
        assertThat(configOf("partner"))
                .isEqualTo(Map.ofEntries(
                        Map.entry("syncMode", "INHERIT"),
                        Map.entry("allowedClients", "app\nmobile"),
                        Map.entry("backendNames", "partner-oauth2"),
                        Map.entry("acceptedAudiences", "com.example.ios\ncom.example.android"),
                        Map.entry("acceptedTokens", "id_token"),
                        Map.entry("requireNonce", "false"),
                        Map.entry("singleUse", "true"),
                        Map.entry("maxTokenAge", "600"),
                        Map.entry("acceptUnboundTokens", "false"),
                        Map.entry("signals", "false"),
                        Map.entry("signalScope", "backend"),
                        Map.entry("onAccountDisabled", "end_sessions"),
                        Map.entry("onAccountDeleted", "end_sessions"),
                        Map.entry("revokeTokens", "false")));
        assertThat(convert().status()).isEqualTo(200);

        // the console loads a mapper that it has just made once more, and would put 600 in place of what is typed
        // meanwhile
        console.page().reload();
        assertThat(console.text("Maximum token age")).hasValue("600");
        console.text("Maximum token age").fill("-1");
        console.save();
        assertThat(console.alert()).containsText("Maximum token age: \"-1\" is not a number of seconds, 0 or more.");
        assertThat(configOf("partner")).containsEntry("maxTokenAge", "600");
        assertThat(convert().status()).isEqualTo(200);

        console.delete();
        assertThat(console.alert()).containsText("Mapper successfully deleted");
        assertThat(convert().expect(400).errorDescription()).isEqualTo("Unknown backend");
    }

    @Test
    void wrongValueIsToldAndNothingSaved(Chromium chromium) {
        AdminConsole console = newMapper(chromium.window().open());

        console.text("Name").fill("convert token");
        console.text("Allowed clients").fill("app\nnobody");
        console.save();

        assertThat(console.alert()).containsText("Allowed clients: there is no client \"nobody\" in this realm.");
        console.window().screenshot("admin-console-refusal");
        assertThat(console.text("Allowed clients")).hasValue("app\nnobody");
        assertThat(admin.identityProviderMappers(realm.name(), "other")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "de", "es", "fr", "ja", "pt-BR"})
    void formAndMessageSpeakTheLanguageOfTheConsole(String language, Chromium chromium) {
        Properties texts = MapperMessagesTest.messages(language.replace('-', '_'));
        AdminConsole console = newMapper(chromium.window().locale(language).open());

        for (ProviderConfigProperty field : BackendConfig.properties()) {
            assertThat(control(console, field, texts)).isVisible();
        }
        assertThat(console.help("convertToken.acceptUnboundTokens.label"))
                .containsText(texts.getProperty("convertToken.acceptUnboundTokens.help"));
        console.page().keyboard().press("Escape");

        console.page().locator("#name").fill("convert token");
        console.text(texts.getProperty("convertToken.allowedClients.label")).fill("nobody");
        console.window().screenshot("admin-console-" + language);
        console.save();
        assertThat(console.alert())
                .containsText(MapperFault.unknownClient("nobody").in(texts, Locale.forLanguageTag(language)));
    }

    /** The console's own fields above ours have none either, so nothing is left out. */
    @ParameterizedTest
    @ValueSource(strings = {"light", "dark", "phone"})
    void formHasNoSeriousFaultOfAccessibility(String look, Chromium chromium) {
        Chromium.WindowBuilder window = chromium.window();
        AdminConsole console = newMapper(
                switch (look) {
                    case "dark" -> window.dark().open();
                    case "phone" -> window.phone().open();
                    default -> window.open();
                });
        console.window().screenshot("admin-console-" + look);

        assertThat(console.window().seriousViolations("form")).isEmpty();
    }

    @Test
    void providerInfoShowsTheVersion(Chromium chromium, KeycloakServer keycloak) {
        AdminConsole console = AdminConsole.signIn(keycloak, chromium.window().open());

        console.openProviderInfo();
        console.page().getByPlaceholder("Search").fill("identity-provider-mapper");
        console.page().keyboard().press("Enter");
        Locator ours = console.page()
                .getByRole(AriaRole.LISTITEM)
                .filter(new Locator.FilterOptions().setHasText("convert-token"));
        ours.getByRole(AriaRole.BUTTON).click();

        String version = keycloak.extensionFileName()
                .replace("keycloak-convert-token-", "")
                .replace(".jar", "");
        assertThat(ours).containsText("Keycloak Convert Token");
        assertThat(ours).containsText(version);
        console.window().screenshot("admin-console-provider-info");
    }

    /** It is set by other means, see docs/operations.md, Logout tokens that nobody signed. */
    @ParameterizedTest
    @ValueSource(strings = {"google", "gitlab"})
    void checkOfSignaturesIsNotShownAndStaysWhenTheFormIsSaved(String type, Chromium chromium) {
        realm.addIdentityProvider(
                type,
                type,
                Map.of("clientId", "company", "clientSecret", "secret"),
                Map.of(
                        "validateSignature", "true",
                        "useJwksUrl", "true",
                        "jwksUrl", "https://provider.example/keys"));
        AdminConsole console = AdminConsole.signIn(realm, chromium.window().open());

        console.openIdentityProvider(type);
        console.text("Client ID").fill("another");
        console.window().screenshot("admin-console-" + type);
        assertThat(console.page().getByText("Validate signatures")).hasCount(0);
        console.button("Save").click();

        assertThat(console.alert()).containsText("Provider successfully updated");
        JsonNode config = admin.identityProvider(realm.name(), type).path("config");
        assertThat(config.path("clientId").asText()).isEqualTo("another");
        assertThat(config.path("validateSignature").asText()).isEqualTo("true");
        assertThat(config.path("jwksUrl").asText()).isEqualTo("https://provider.example/keys");
    }

    private static AdminConsole newMapper(BrowserWindow window) {
        AdminConsole console = AdminConsole.signIn(realm, window);
        console.openNewMapper("other");
        console.chooseMapperType("Convert Token");
        return console;
    }

    private static Locator control(AdminConsole console, ProviderConfigProperty field, Properties texts) {
        String label = texts.getProperty(field.getLabel());
        return switch (field.getType()) {
            case ProviderConfigProperty.BOOLEAN_TYPE -> console.toggle(label);
            case ProviderConfigProperty.LIST_TYPE -> console.list(label);
            default -> console.text(label);
        };
    }

    private static Map<String, String> configOf(String alias) {
        JsonNode config =
                admin.identityProviderMappers(realm.name(), alias).get(0).path("config");
        return config.properties().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().asText()));
    }

    private static Answer convert() {
        return realm.convertTokenEndpoint()
                .as(TestRealm.APP)
                .param("backend", "partner-oauth2")
                .param("token", provider.idToken(Person.unknown()).mint())
                .post();
    }
}
