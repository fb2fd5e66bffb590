// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.converttoken.keycloak.testing.BrowserWindow;
import io.converttoken.keycloak.testing.Chromium;
import io.converttoken.keycloak.testing.ChromiumExtension;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.Sha256;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Mistakes of the first hour, each found in the page by somebody who then does what the page says. */
@ExtendWith(ChromiumExtension.class)
class ExplainPageIT extends WithProvider {

    private static final String ALIAS = "social";

    @BeforeAll
    static void backend() {
        realm.addOidcProvider(ALIAS, provider).addConvertTokenMapper(ALIAS, Map.of("allowedClients", "app"));
        realm.speakEveryLanguage();
    }

    private static BrowserWindow open(Chromium.WindowBuilder window) {
        BrowserWindow opened = window.open();
        opened.visit(realm.uri("/auth/docs/explain"));
        return opened;
    }

    /** What somebody pastes into the page. */
    private record Asked(String backend, String client, String token, String nonce) {}

    private static void ask(Page page, Asked asked) {
        page.locator("#admin-token").fill(realm.admin().accessToken());
        page.locator("#backend").fill(asked.backend());
        page.locator("#client").fill(asked.client());
        page.locator("#token").fill(asked.token());
        if (!asked.nonce().isEmpty() && !page.locator("#nonce").isVisible()) {
            page.locator(".question details.wide summary").click();
        }
        if (page.locator("#nonce").isVisible()) {
            page.locator("#nonce").fill(asked.nonce());
        }
        page.locator("#explain").click();
        assertThat(page.locator("#verdict")).hasClass(Pattern.compile("good|bad"));
    }

    /**
     * A mistake of the first hour.
     *
     * @param advice words of the advice that lead to the fix
     * @param fixed what somebody asks after having done what the advice says
     */
    private record Mistake(
            String what, String advice, Runnable made, Supplier<Asked> asked, Runnable undone, Supplier<Asked> fixed) {

        @Override
        public String toString() {
            return what;
        }
    }

    private static Asked asked(String token) {
        return new Asked(ALIAS, "app", token, "");
    }

    private static String good() {
        return provider.idToken(Person.unknown()).mint();
    }

    private static void allow(String clients, String audiences) {
        realm.replaceConvertTokenMapper(ALIAS, Map.of("allowedClients", clients, "acceptedAudiences", audiences));
    }

    private static Mistake of(String what, String advice, Runnable made, Runnable undone) {
        return new Mistake(what, advice, made, () -> asked(good()), undone, () -> asked(good()));
    }

    private static void set(String key, String value) {
        realm.updateIdentityProvider(ALIAS, Map.of(key, value));
    }

    static Stream<Mistake> mistakes() {
        String android = "android-app";
        Runnable nothing = () -> {};
        return Stream.of(
                of("no allowed client", "Allowed clients: add app", () -> allow("", ""), () -> allow("app", "")),
                new Mistake(
                        "alias and name mixed up",
                        "Send one of: social",
                        nothing,
                        () -> new Asked("Social Login", "app", good(), ""),
                        nothing,
                        () -> asked(good())),
                new Mistake(
                        "Android audience",
                        "Accepted audiences",
                        nothing,
                        () -> asked(provider.idToken(Person.unknown())
                                .audience(android)
                                .mint()),
                        () -> allow("app", android),
                        () -> asked(provider.idToken(Person.unknown())
                                .audience(android)
                                .mint())),
                new Mistake(
                        "no introspection address",
                        "Token Introspection URL",
                        () -> set("tokenIntrospectionUrl", ""),
                        () -> asked(provider.opaqueToken(Person.unknown()).mint()),
                        () -> set(
                                "tokenIntrospectionUrl",
                                provider.introspection().uri().toString()),
                        () -> asked(provider.opaqueToken(Person.unknown()).mint())),
                of(
                        "provider off",
                        "switch it on",
                        () -> realm.admin().updateIdentityProvider(realm.name(), ALIAS, Map.of("enabled", false)),
                        () -> realm.admin().updateIdentityProvider(realm.name(), ALIAS, Map.of("enabled", true))),
                of(
                        "wrong issuer",
                        "Settings > Issuer",
                        () -> set("issuer", "https://typo.example"),
                        () -> set("issuer", provider.issuer())),
                of(
                        "provider unreachable",
                        "http://127.0.0.1:9/keys: connection refused",
                        () -> set("jwksUrl", "http://127.0.0.1:9/keys"),
                        () -> set("jwksUrl", provider.jwks().uri().toString())),
                new Mistake(
                        "clock five minutes wrong",
                        "Allowed clock skew",
                        nothing,
                        () -> asked(ahead()),
                        () -> set("allowedClockSkew", "400"),
                        () -> asked(ahead())),
                new Mistake(
                        "nonce hashed twice",
                        "hashed twice",
                        () -> set("allowedClockSkew", ""),
                        () -> new Asked(ALIAS, "app", withNonce(Sha256.hex(Sha256.hex("n-1"))), "n-1"),
                        nothing,
                        () -> new Asked(ALIAS, "app", withNonce(Sha256.hex("n-1")), "n-1")),
                new Mistake(
                        "signature by a rotated key",
                        "get a fresh token",
                        nothing,
                        () -> asked(provider.idToken(Person.unknown())
                                .signedBy(FakeProvider.foreignKey("rotated-away"))
                                .mint()),
                        nothing,
                        () -> asked(good())));
    }

    private static String ahead() {
        return provider.idToken(Person.unknown())
                .issuedAt(Instant.now().plus(Duration.ofMinutes(5)))
                .mint();
    }

    private static String withNonce(String nonce) {
        return provider.idToken(Person.unknown()).nonce(nonce).mint();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void adviceLeadsToTheFix(Mistake mistake, Chromium chromium) {
        mistake.made().run();
        try (BrowserWindow window = open(chromium.window())) {
            Page page = window.page();
            ask(page, mistake.asked().get());

            assertThat(page.locator("#verdict")).hasClass(Pattern.compile("bad"));
            Locator open = page.locator("#checks details[open]");
            assertThat(open).hasCount(1);
            assertThat(open).containsText(mistake.advice());

            mistake.undone().run();
            ask(page, mistake.fixed().get());
            assertThat(page.locator("#verdict")).hasText("This token converts.");
            assertThat(page.locator("#account")).hasText("A new account would be created.");
            assertThat(window.consoleErrors()).isEmpty();
        }
    }

    @Test
    void emptyFieldsAreMarkedAndTheFirstIsFocused(Chromium chromium) {
        try (BrowserWindow window = open(chromium.window())) {
            Page page = window.page();
            page.locator("#explain").click();

            assertThat(page.locator("#admin-token")).isFocused();
            for (String field : List.of("admin-token", "backend", "client", "token")) {
                assertThat(page.locator("#" + field)).hasAttribute("aria-invalid", "true");
                assertThat(page.locator("#" + field + "-problem")).isVisible();
            }
            assertThat(window.violations()).isEmpty();
        }
    }

    @Test
    void expiredAdminTokenIsSaid(Chromium chromium) {
        try (BrowserWindow window = open(chromium.window())) {
            Page page = window.page();
            page.locator("#admin-token").fill("nothing");
            page.locator("#review").click();

            assertThat(page.locator("#verdict")).hasText("The admin token is expired or not valid. Get a new one.");
        }
    }

    @Test
    void tokenGoesNowhereButToExplain(Chromium chromium) {
        try (BrowserWindow window = open(chromium.window())) {
            ask(window.page(), asked(good()));

            assertThat(window.requests())
                    .extracting(URI::getRawQuery)
                    .allSatisfy(query -> assertThat(query).isNull());
            assertThat(window.page().evaluate("() => localStorage.length + sessionStorage.length"))
                    .isEqualTo(0);
        }
    }

    @Test
    void providerIsCheckedAndBackendsAreReviewed(Chromium chromium) {
        try (BrowserWindow window = open(chromium.window())) {
            Page page = window.page();
            page.locator("#admin-token").fill(realm.admin().accessToken());
            page.locator("#backend").fill(ALIAS);
            page.locator("#check").click();
            assertThat(page.locator("#checks li.passed").first()).containsText("Published keys");
            page.locator("#review").click();
            assertThat(page.locator("#checks li").first()).containsText(ALIAS);
            assertThat(window.violations()).isEmpty();
        }
    }

    @Test
    void explorerLeadsHereAndBack(Chromium chromium) {
        try (BrowserWindow window = chromium.window().open()) {
            Page page = window.visit(realm.uri("/auth/docs"));
            page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Why was a token refused?"))
                    .click();
            assertThat(page.locator("h1")).hasText("Why was this token refused?");
            page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("API explorer"))
                    .click();
            assertThat(page.locator("h1")).hasText("Convert Token API");
        }
    }

    @ParameterizedTest(name = "{0}, phone: {1}, dark: {2}")
    @CsvSource({
        "en, false, false",
        "de, true, false",
        "fr, true, true",
        "es, false, true",
        "ja, true, false",
        "pt-BR, false, false"
    })
    void axeFindsNothing(String language, boolean isPhone, boolean isDark, Chromium chromium) {
        Chromium.WindowBuilder window = chromium.window().locale(language);
        window = isPhone ? window.phone() : window;
        window = isDark ? window.dark() : window;
        try (BrowserWindow opened = open(window)) {
            Page page = opened.page();
            ask(
                    page,
                    asked(provider.idToken(Person.unknown())
                            .audience("android-app")
                            .mint()));
            opened.screenshot("explain-" + language + (isPhone ? "-phone" : "") + (isDark ? "-dark" : ""));

            assertThat(opened.violations()).isEmpty();
            assertThat((Boolean) page.evaluate(
                            "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                    .as("nothing is wider than the window")
                    .isTrue();
            assertThat(page.locator("html")).hasAttribute("lang", language);
        }
    }
}
