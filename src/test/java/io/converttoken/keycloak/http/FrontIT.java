// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.converttoken.keycloak.testing.AdminConsole;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserWindow;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.Chromium;
import io.converttoken.keycloak.testing.ChromiumExtension;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Metrics;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ReverseProxy;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.StubCertificate;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Behind a proxy that ends TLS and leads other paths to Keycloak, with a host of its own for administrators and a path of its
 * own for the management interface. Whatever address we tell or note is the one that core's own endpoints tell and note.
 */
@ExtendWith({ChromiumExtension.class, KeycloakExtension.class})
class FrontIT {

    private static final String LOGIN_HOST = "login.example.test";
    private static final String ADMIN_HOST = "admin.example.test";
    private static final String FRONT = "https://" + LOGIN_HOST + "/path";
    private static final String ADMIN = "https://" + ADMIN_HOST + "/staff";

    private static final Pattern FILE = Pattern.compile("(?:src|href)=\"(/[^\"]*)\"");

    @AutoClose
    private static ReverseProxy proxy;

    @AutoClose
    private static KeycloakServer server;

    private static TestRealm realm;
    private static TestRealm direct;
    private static FakeProvider provider;
    private static int tlsPort;
    private static Chromium chromium;

    @BeforeAll
    static void start(SocialHosts hosts, FakeProvider fakeProvider, Chromium someChromium) throws IOException {
        assumeTrue(KeycloakServer.isDistribution(), "the proxy calls from another address of the loopback interface");
        provider = fakeProvider;
        chromium = someChromium;
        proxy = ReverseProxy.start(Set.of(LOGIN_HOST, ADMIN_HOST), FrontIT::forwarded);
        tlsPort = KeycloakServer.freePort();
        server = KeycloakServer.startWith(
                hosts,
                List.of(
                        "--http-relative-path=/auth",
                        "--hostname=" + FRONT,
                        "--hostname-admin=" + ADMIN,
                        "--http-management-scheme=http",
                        "--https-port=" + tlsPort,
                        "--https-key-store-file="
                                + StubCertificate.forHosts(Set.of("localhost"), KeycloakServer.directory())
                                        .store(),
                        "--https-key-store-password=" + StubCertificate.PASSWORD,
                        "--proxy-headers=xforwarded",
                        "--proxy-trusted-addresses=" + ReverseProxy.ADDRESS,
                        "--http-management-relative-path=/manage",
                        "--metrics-enabled=true"),
                "keycloak-it-front.log");
        proxy.leadTo(server.base());
        direct = TestRealm.createIn(server);
        realm = direct.through(server.behind(proxy.address("/path")));
        realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
    }

    private static Map<String, String> forwarded(ReverseProxy.Caller caller) {
        return Map.of(
                "X-Forwarded-For",
                caller.address(),
                "X-Forwarded-Proto",
                "https",
                "X-Forwarded-Host",
                caller.host(),
                "X-Forwarded-Port",
                "443");
    }

    private static Call conversion(TestRealm asked) {
        return asked.conversion("social", provider.idToken(Person.unknown()).mint());
    }

    private static JsonNode discovery() {
        return realm.call("/.well-known/openid-configuration").get().expect(200).json();
    }

    // addresses that are told

    @Test
    void tokensAreOfTheFront() {
        String issuer = discovery().path("issuer").asText();
        assertThat(issuer).isEqualTo(FRONT + "/realms/" + realm.name());
        Answer converted = conversion(realm).param("scope", "openid").post().expect(200);
        assertThat(converted.accessTokenClaims().path("iss").asText()).isEqualTo(issuer);
        assertThat(converted.refreshTokenClaims().path("iss").asText()).isEqualTo(issuer);
        assertThat(converted.idTokenClaims().path("iss").asText()).isEqualTo(issuer);
        realm.userInfo(converted.accessToken()).expect(200);
        realm.refresh(TestRealm.APP, converted.refreshToken()).expect(200);
        realm.call("/auth/invalidate-sessions")
                .bearer(converted.accessToken())
                .param("client_id", TestRealm.APP.clientId())
                .post()
                .expect(204);
    }

    @Test
    void browserIsSentToTheFront() {
        String endpoint = discovery().path("authorization_endpoint").asText();
        assertThat(realm.call("/auth/authorize?client_id=app&state=a%20b%2Fc")
                        .get()
                        .expect(302)
                        .header("Location"))
                .hasValue(endpoint + "?client_id=app&state=a%20b%2Fc");
    }

    @Test
    void descriptionNamesTheFront() {
        JsonNode description =
                realm.call("/auth/openapi.json").get().expect(200).json();
        assertThat(description.at("/servers/0/url").asText()).isEqualTo(FRONT);
        assertThat(description.path("paths").path("/realms/" + realm.name() + "/auth/convert-token"))
                .isNotEmpty();
        // where administrators are is nobody else's business
        assertThat(description.toString()).doesNotContain(ADMIN_HOST);
        String yaml = realm.call("/auth/openapi.yaml").get().expect(200).text();
        assertThat(yaml).contains(FRONT).doesNotContain(ADMIN_HOST);
    }

    @Test
    void explorersFilesAreBelowTheFront() {
        String page = realm.call("/auth/docs").get().expect(200).text();
        List<String> files =
                FILE.matcher(page).results().map(match -> match.group(1)).toList();
        assertThat(files).hasSizeGreaterThan(6).allMatch(file -> file.startsWith("/path/"));
        files.forEach(file -> Call.to(proxy.address(file)).get().expect(200));
        assertThat(page).contains("/path/realms/" + realm.name() + "/auth/openapi.json");
    }

    /** A proxy that ends TLS and opens a new connection by TLS. */
    @Test
    void reencryptingProxyIsTheSameFront() {
        try (ReverseProxy reencrypting = ReverseProxy.start(Set.of(LOGIN_HOST), FrontIT::forwarded)) {
            reencrypting.leadTo(URI.create("https://127.0.0.1:" + tlsPort + "/auth"));
            TestRealm behind = direct.through(server.behind(reencrypting.address("/path")));
            Answer converted = conversion(behind)
                    .header(ReverseProxy.CALLER, "203.0.113.12")
                    .post()
                    .expect(200);
            assertThat(converted.accessTokenClaims().path("iss").asText()).isEqualTo(FRONT + "/realms/" + realm.name());
            assertThat(noted("LOGIN", "convert_token")).isEqualTo("203.0.113.12");
            assertThat(behind.call("/auth/openapi.json")
                            .get()
                            .expect(200)
                            .json()
                            .at("/servers/0/url")
                            .asText())
                    .isEqualTo(FRONT);
            assertThat(behind.call("/auth/authorize?client_id=app")
                            .get()
                            .expect(302)
                            .header("Location"))
                    .hasValueSatisfying(address -> assertThat(address).startsWith(FRONT + "/realms/"));
        }
    }

    // the address of a caller

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.7", "2001:db8::7"})
    void addressOfACallerIsTheForwardedOne(String address) {
        conversion(realm).header(ReverseProxy.CALLER, address).post().expect(200);
        String ours = noted("LOGIN", "convert_token");
        realm.tokenEndpoint()
                .as(TestRealm.APP)
                .header(ReverseProxy.CALLER, address)
                .param("grant_type", "password")
                .param("username", TestRealm.ALICE.username())
                .param("password", TestRealm.ALICE.username())
                .post()
                .expect(200);
        assertThat(ours).isEqualTo(noted("LOGIN", "openid-connect")).contains(address);
    }

    /** The proxy's headers from somebody who is not the proxy. */
    @Test
    void addressThatACallerMakesUpIsNotBelieved() {
        conversion(direct)
                .header("X-Forwarded-For", "203.0.113.8")
                .header("Forwarded", "for=203.0.113.8")
                .post()
                .expect(200);
        assertThat(noted("LOGIN", "convert_token")).isEqualTo("127.0.0.1");
        Answer refused = direct.convertTokenEndpoint()
                .as(TestRealm.APP)
                .header("X-Forwarded-For", "203.0.113.8")
                .param("backend", "social")
                .param("token", "two words")
                .post();
        assertThat(refused.status()).isEqualTo(400);
        assertThat(noted("LOGIN_ERROR", "convert_token")).isEqualTo("127.0.0.1");
    }

    /** A caller who brings bad tokens is shut out, and nobody else behind the same proxy. */
    @Test
    void limitGoesByTheAddressThatIsBelieved() {
        assertThat(exhausted(() -> badToken(realm).header(ReverseProxy.CALLER, "203.0.113.9")))
                .isTrue();
        assertThat(badToken(realm)
                        .header(ReverseProxy.CALLER, "203.0.113.10")
                        .post()
                        .status())
                .isEqualTo(400);
        int[] madeUp = {0};
        assertThat(exhausted(() -> badToken(direct).header("X-Forwarded-For", "198.51.100." + madeUp[0]++)))
                .isTrue();
        conversion(realm).header(ReverseProxy.CALLER, "203.0.113.10").post().expect(200);
    }

    private static Call badToken(TestRealm asked) {
        return asked.conversion("social", "two words");
    }

    private static boolean exhausted(Supplier<Call> call) {
        return IntStream.range(0, 200).anyMatch(i -> call.get().post().status() == 429);
    }

    private static String noted(String type, String method) {
        return realm.events().stream()
                .filter(event ->
                        event.type().equals(type) && event.detail("auth_method").equals(method))
                .findFirst()
                .orElseThrow()
                .ipAddress();
    }

    // administrators, and what is for the operator alone

    @Test
    void administratorsCallWhereTheyCallCore() {
        String user = realm.admin()
                .user(realm.name(), TestRealm.ALICE.username())
                .path("id")
                .asText();
        realm.signInAlice(TestRealm.APP).expect(200);
        realm.admin().clearAdminEvents(realm.name());
        String users = "/staff/admin/realms/" + realm.name();
        for (String path : List.of("/auth/users/" + user + "/invalidate-sessions", "/users/" + user + "/logout")) {
            Answer answer = Call.to(proxy.address(users + path))
                    .bearer(realm.admin().accessToken())
                    .header(ReverseProxy.CALLER, "203.0.113.11")
                    .post();
            assertThat(answer.status()).isBetween(200, 204);
        }
        List<JsonNode> events = realm.admin().adminEvents(realm.name());
        assertThat(events)
                .filteredOn(event -> event.path("resourcePath").asText().contains(user))
                .hasSize(2)
                .allSatisfy(event -> {
                    assertThat(event.path("resourcePath").asText()).doesNotContain("/staff", "/admin/realms");
                    assertThat(event.path("authDetails").path("ipAddress").asText())
                            .isEqualTo("203.0.113.11");
                });
    }

    @Test
    void managementInterfaceHasWhatIsOurs() {
        conversion(realm).post().expect(200);
        Metrics metrics = Metrics.of(server);
        assertThat(metrics.value(
                        "convert_token_conversions_total",
                        Map.of("realm", realm.name(), "backend", "social", "outcome", "success")))
                .isPositive();
        String ours = "/realms/" + realm.name() + "/auth/openapi.json";
        for (String path : List.of(ours, "/auth" + ours, "/manage" + ours, "/metrics")) {
            assertThat(Call.to(server.management().resolve(path)).get().status())
                    .isEqualTo(404);
        }
        assertThat(Call.to(URI.create(server.base() + "/metrics")).get().status())
                .isEqualTo(404);
    }

    /** Neither ours nor those that Keycloak counts by path. */
    @Test
    void madeUpPathsAndHostsAreNoLabels() {
        direct.call("/auth/made-up-path").get();
        direct.call("/auth/users/made-up-path/invalidate-sessions").post();
        Call.to(URI.create(server.base() + "/admin/realms/made-up-path/auth/users/made-up-path/invalidate-sessions"))
                .post();
        assertThat(Metrics.of(server).text()).doesNotContain("made-up-path");
    }

    // in a browser

    @Test
    void explorerWorksThroughTheFront() {
        BrowserWindow window = chromium.window().through(proxy.forBrowsers()).open();
        Page page = window.visit(URI.create(FRONT + "/realms/" + realm.name() + "/auth/docs"));
        page.locator("#operations-Tokens-convertToken .opblock-summary-control").click();
        page.locator("#operations-Tokens-convertToken .try-out__btn").click();
        Locator form = page.locator("#operations-Tokens-convertToken");
        form.locator("[data-property-name=client_id] input").fill(TestRealm.MOBILE.clientId());
        form.locator("[data-property-name=token] input")
                .fill(provider.idToken(Person.unknown()).mint());
        form.locator(".btn.execute").click();
        assertThat(form.locator(".live-responses-table")).containsText("access_token");
        window.screenshot("front-explorer");
        assertThat(window.consoleErrors()).isEmpty();
        assertThat(window.failedRequests()).isEmpty();
        assertThat(window.requests())
                .filteredOn(address -> String.valueOf(address.getScheme()).startsWith("http"))
                .allMatch(address -> address.toString().startsWith(FRONT + "/"));
    }

    @Test
    void mapperIsMadeAtTheAdminAddress() {
        realm.addOidcProvider("by-hand", provider);
        BrowserWindow window = chromium.window().through(proxy.forBrowsers()).open();
        realm.admin().addClientRole(realm.name(), TestRealm.ALICE.username(), "realm-management", "realm-admin");
        AdminConsole console = AdminConsole.signInAt(URI.create(ADMIN), realm, window);
        console.openNewMapper("by-hand");
        console.chooseMapperType("Convert Token");
        console.text("Name").fill("convert");
        console.text("Allowed clients").fill("*");
        console.save();
        assertThat(console.alert()).isVisible();
        window.screenshot("front-mapper");
        // the console itself gives a request up when its page changes
        assertThat(window.failedRequests()).allMatch(failure -> failure.endsWith("net::ERR_ABORTED"));
        realm.convert("by-hand", provider.idToken(Person.unknown()).mint()).expect(200);
    }
}
