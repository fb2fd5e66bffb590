// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.TokenIssuer;
import io.converttoken.keycloak.testing.social.OpenIdProvider;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Keycloak's own back-channel logout, shown logout tokens that nobody signed: which backends believe them, which sessions
 * end, and what the remedy in {@code docs/operations.md} changes.
 */
@ExtendWith(KeycloakExtension.class)
class LogoutTokensIT {

    private static final String LOGOUT = "http://schemas.openid.net/event/backchannel-logout";

    private static final Map<String, String> UNCHECKED = Map.of("validateSignature", "false");

    private static TestRealm realm;
    private static KeycloakServer keycloak;
    private static SocialHosts hosts;

    @BeforeAll
    static void backends(TestRealm testRealm, SocialHosts socialHosts, KeycloakServer server) {
        realm = testRealm;
        hosts = socialHosts;
        keycloak = server;
        server.admin().requireNothingOfUsers(realm.name());
        Stream.concat(SocialAttacks.providers().keySet().stream(), Stream.of("oauth2"))
                .filter(alias -> !alias.equals("apple"))
                .forEach(alias -> addBackend(realm, alias));
    }

    /** As an administrator gets it who fills in nothing but what the form asks for. */
    private static void addBackend(TestRealm to, String alias) {
        addBackend(to, alias, Map.of());
    }

    private static void addBackend(TestRealm to, String alias, Map<String, String> settings) {
        SocialProvider provider = provider(alias);
        to.addIdentityProvider(
                        alias,
                        provider instanceof OpenIdProvider ? alias : provider.providerId(),
                        provider.settings(),
                        settings)
                .addConvertTokenMapper(alias, Map.of("allowedClients", "*", "acceptUnboundTokens", "true"));
    }

    /** The aliases of the generic types are the types themselves. */
    private static SocialProvider provider(String alias) {
        return hosts.get(SocialAttacks.providers().getOrDefault(alias, OpenIdProvider.class));
    }

    /** The table in {@code docs/operations.md}. */
    @ParameterizedTest
    @CsvSource({
        "google, true",
        "gitlab, true",
        "linkedin, false",
        "microsoft, false",
        "facebook, false",
        "github, false",
        "ghe, false",
        "bitbucket, false",
        "paypal, false",
        "stackoverflow, false",
        "openshift, false",
        "oauth2, false"
    })
    void typesThatBelieveWhatNobodySignedAsShipped(String alias, boolean believes) {
        assertThat(endsByForgery(realm, alias)).isEqualTo(believes);
        assertThat(warnings(realm, alias)).hasSize(believes ? 1 : 0);
    }

    /** It is off where nobody has set it. */
    @ParameterizedTest
    @CsvSource({
        "oidc, '', true",
        "oidc, false, true",
        "oidc, true, false",
        "keycloak-oidc, '', true",
        "keycloak-oidc, false, true",
        "keycloak-oidc, true, false"
    })
    void switchDecidesForGenericTypes(String alias, String validateSignature, boolean believes) {
        try (TestRealm own = TestRealm.createIn(keycloak)) {
            addBackend(own, alias, Map.of("validateSignature", validateSignature));

            assertThat(endsByForgery(own, alias)).isEqualTo(believes);
            assertThat(warnings(own, alias)).hasSize(believes ? 1 : 0);
        }
    }

    @Test
    void switchIsOnAfterAnImportFromDiscovery() {
        Answer imported = realm.admin()
                .call(realm.name() + "/identity-provider/import-config")
                .json(Map.of("providerId", "oidc", "fromUrl", realm.issuer() + "/.well-known/openid-configuration"))
                .post()
                .expect(200);

        assertThat(imported.json().path("validateSignature").asText()).isEqualTo("true");
    }

    /** Keycloak looks for the identity providers whose stored issuer is that of the token, or that have none where it has none. */
    @Test
    void identityProviderWithoutIssuerIsFoundByATokenWithoutOne() {
        SocialProvider gitLab = provider("gitlab");
        Person person = gitLab.newcomer();
        Answer tokens = convert(realm, "gitlab", person);

        logout(realm, logoutToken(gitLab, "gitlab", person).unsigned().mint()).expect(400);
        Answer refreshed = realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(200);
        logout(
                        realm,
                        logoutToken(gitLab, "gitlab", person)
                                .without("iss")
                                .unsigned()
                                .mint())
                .expect(200);
        realm.refresh(TestRealm.APP, refreshed.refreshToken()).expect(400);
    }

    /** Whether any logout token that nobody signed ends a converted session. */
    private static boolean endsByForgery(TestRealm in, String alias) {
        SocialProvider provider = provider(alias);
        Person person = provider.newcomer();
        Answer tokens = convert(in, alias, person);
        boolean hasIssuer = provider.keys().isPresent();
        TokenIssuer issuer = hasIssuer ? provider : hosts.get(OpenIdProvider.class);

        List<Answer> answers = Stream.of(
                        logoutToken(issuer, alias, person),
                        logoutToken(issuer, alias, person).without("iss"))
                .map(token -> logout(in, token.unsigned().mint()))
                .toList();

        boolean isAlive = in.refresh(TestRealm.APP, tokens.refreshToken()).status() == 200;
        assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isIn(200, 400));
        assertThat(answers.stream().anyMatch(answer -> answer.status() == 200)).isEqualTo(!isAlive);
        return !isAlive;
    }

    @Test
    void sessionIdOfTheProviderIsEnough() {
        Person person = provider("google").newcomer();
        String sid = UUID.randomUUID().toString();
        Answer tokens = convert(
                realm,
                "google",
                provider("google").idToken(person).claim("sid", sid).mint());

        logout(
                        realm,
                        logoutToken(provider("google"), "google", person)
                                .noSubject()
                                .claim("sid", sid)
                                .unsigned()
                                .mint())
                .expect(200);

        realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(400);
    }

    /** Keycloak's own member of the event, which a forger knows as well. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void offlineSessionEndsWhereTheForgerSaysSo(boolean saysSo) {
        Person person = provider("google").newcomer();
        Answer tokens = new Conversions(realm, "google")
                .call(provider("google").idToken(person).mint())
                .param("scope", "openid offline_access")
                .post()
                .expect(200);

        logout(
                        realm,
                        logoutToken(provider("google"), "google", person)
                                .claim("events", Map.of(LOGOUT, Map.of(), "revoke_offline_access", saysSo))
                                .unsigned()
                                .mint())
                .expect(200);

        realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(saysSo ? 400 : 200);
    }

    /** The way that Keycloak's adapters logged out, which needs no issuer: the same switch closes it. */
    @ParameterizedTest
    @CsvSource({"false, 200", "true, 400"})
    void formerLogoutOfKeycloaksTypeBelievesItToo(String validateSignature, int status) {
        try (TestRealm own = TestRealm.createIn(keycloak)) {
            addBackend(own, "keycloak-oidc", Map.of("validateSignature", validateSignature));
            OpenIdProvider provider = hosts.get(OpenIdProvider.class);
            Person person = provider.newcomer();
            String sid = UUID.randomUUID().toString();
            Answer tokens = convert(
                    own,
                    "keycloak-oidc",
                    provider.idToken(person).claim("sid", sid).mint());
            String forged = new JwtBuilder(provider, person)
                    .without("iss")
                    .without("sub")
                    .without("iat")
                    .without("exp")
                    .claim("id", UUID.randomUUID().toString())
                    .claim("action", "LOGOUT")
                    .claim("resource", provider.clientId())
                    .claim("expiration", Instant.now().plusSeconds(60).getEpochSecond())
                    .claim("keycloakSessionIds", List.of(sid))
                    .unsigned()
                    .mint();

            own.call("/broker/keycloak-oidc/endpoint/k_logout")
                    .body("text/plain", forged)
                    .post()
                    .expect(status);

            own.refresh(TestRealm.APP, tokens.refreshToken()).expect(status == 200 ? 400 : 200);
        }
    }

    static Stream<String> open() {
        return Stream.of("google", "gitlab", "oidc", "keycloak-oidc");
    }

    @ParameterizedTest
    @MethodSource("open")
    void remedyClosesItAndLeavesGenuineSignInsAlone(String alias) {
        try (TestRealm own = TestRealm.createIn(keycloak)) {
            own.admin().requireNothingOfUsers(own.name());
            addBackend(own, alias, UNCHECKED);
            assertThat(endsByForgery(own, alias)).isTrue();

            own.updateIdentityProvider(alias, remedy(alias));

            assertThat(endsByForgery(own, alias)).isFalse();
            SocialProvider provider = provider(alias);
            Person person = provider.newcomer();
            Answer byBrowser = BrowserLogin.through(own, alias, provider, person);
            Answer byConversion = convert(own, alias, person);
            assertThat(byConversion.accessTokenClaims().path("sub"))
                    .isEqualTo(byBrowser.accessTokenClaims().path("sub"));
            logout(
                            own,
                            logoutToken(provider, alias, person)
                                    .signedBy(FakeProvider.foreignKey(
                                            provider.key().getKeyID()))
                                    .mint())
                    .expect(400);
            own.refresh(TestRealm.APP, byBrowser.refreshToken()).expect(200);
            own.refresh(TestRealm.APP, byConversion.refreshToken()).expect(200);
        }
    }

    /** Not GitLab's: its identity provider stores no issuer by which Keycloak would find it. */
    @ParameterizedTest
    @ValueSource(strings = {"google", "oidc", "keycloak-oidc"})
    void genuineLogoutTokenEndsSessionsAfterTheRemedy(String alias) {
        try (TestRealm own = TestRealm.createIn(keycloak)) {
            addBackend(own, alias, remedy(alias));
            SocialProvider provider = provider(alias);
            Person person = provider.newcomer();
            Answer byBrowser = BrowserLogin.through(own, alias, provider, person);
            Answer byConversion = convert(own, alias, person);

            logout(own, logoutToken(provider, alias, person).mint()).expect(200);

            own.refresh(TestRealm.APP, byBrowser.refreshToken()).expect(400);
            own.refresh(TestRealm.APP, byConversion.refreshToken()).expect(400);
        }
    }

    private static Map<String, String> remedy(String alias) {
        return Map.of(
                "validateSignature",
                "true",
                "useJwksUrl",
                "true",
                "jwksUrl",
                provider(alias).keys().orElseThrow().uri().toString());
    }

    /** In the words that the guide quotes. */
    @Test
    void logWarnsOncePerBackend() throws IOException {
        try (TestRealm own = TestRealm.createIn(keycloak)) {
            addBackend(own, "google");
            assertThat(warnings(own, "google")).isEmpty();

            convert(own, "google", provider("google").newcomer());
            convert(own, "google", provider("google").newcomer());

            assertThat(warnings(own, "google")).hasSize(1);
            String warning = warnings(own, "google").get(0);
            assertThat(Files.readString(Path.of("docs", "operations.md")))
                    .contains(warning.substring(warning.indexOf("Backend '")).replace(own.name(), "demo"));
        }
    }

    @Test
    void logWarnsWhenAnIdentityIsConnected() {
        try (TestRealm own = TestRealm.createIn(keycloak)) {
            addBackend(own, "google");
            Person person = Person.unknown();
            own.addUser(person);

            own.call("/auth/connect-backend")
                    .bearer(own.signIn(TestRealm.APP, person.username(), person.username())
                            .accessToken())
                    .param("backend", "google")
                    .param(
                            "token",
                            provider("google")
                                    .idToken(provider("google").newcomer())
                                    .mint())
                    .post()
                    .expect(204);

            assertThat(warnings(own, "google")).hasSize(1);
        }
    }

    private static List<String> warnings(TestRealm of, String alias) {
        return keycloak.log()
                .lines()
                .filter(line -> line.contains("WARN")
                        && line.contains("'" + alias + "'")
                        && line.contains(of.name())
                        && line.contains("logout token"))
                .toList();
    }

    private static Answer convert(TestRealm in, String alias, Person person) {
        SocialProvider provider = provider(alias);
        boolean hasIdTokens = provider.keys().isPresent() && !alias.equals("oauth2");
        return convert(
                in,
                alias,
                hasIdTokens
                        ? provider.idToken(person).mint()
                        : provider.accessToken(person).mint());
    }

    private static Answer convert(TestRealm in, String alias, String token) {
        return new Conversions(in, alias).accepts(token);
    }

    /** As OpenID Connect Back-Channel Logout 1.0, section 2.4, has it. */
    private static JwtBuilder logoutToken(TokenIssuer issuer, String alias, Person person) {
        SocialProvider provider = provider(alias);
        return new JwtBuilder(issuer, person)
                .type("logout+jwt")
                .subject(provider.storedId(person))
                .audience(provider.clientId())
                .claim("jti", UUID.randomUUID().toString())
                .claim("events", Map.of(LOGOUT, Map.of()));
    }

    private static Answer logout(TestRealm in, String logoutToken) {
        return in.call("/protocol/openid-connect/logout/backchannel-logout")
                .param("logout_token", logoutToken)
                .post();
    }
}
