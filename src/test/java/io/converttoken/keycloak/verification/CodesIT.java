// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.Sha256;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.CodeBuilder;
import io.converttoken.keycloak.testing.social.Facebook;
import io.converttoken.keycloak.testing.social.GitHub;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.Microsoft;
import io.converttoken.keycloak.testing.social.OpenIdProvider;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Codes of native SDKs in place of tokens: who gets in, what is refused and why, and that no code is tried twice. */
@ExtendWith(KeycloakExtension.class)
class CodesIT {

    private static final String VERIFIER = "a-code-verifier-of-an-app-that-is-long-enough-for-rfc-7636";
    private static final String ANOTHER_VERIFIER = "another-verifier-of-an-app-that-is-long-enough-for-rfc-7636";
    private static final String WRONG_HASH = "AAAAAAAAAAAAAAAAAAAAAA";
    private static final String REDIRECT = "com.company.app:/signed-in";

    private static TestRealm realm;
    private static KeycloakServer keycloak;
    private static Apple apple;
    private static Map<String, SocialProvider> providers;

    @BeforeAll
    static void backends(TestRealm testRealm, SocialHosts hosts, KeycloakServer server, AdminApi admin) {
        realm = testRealm;
        keycloak = server;
        apple = hosts.get(Apple.class);
        // Apple's tokens have no names: a realm that asks for them would show a page
        admin.requireNothingOfUsers(realm.name());
        providers = Map.of(
                "google",
                hosts.get(Google.class),
                "apple",
                apple,
                "facebook",
                hosts.get(Facebook.class),
                "partner",
                hosts.get(OpenIdProvider.class),
                "microsoft",
                hosts.get(Microsoft.class),
                "github",
                hosts.get(GitHub.class));
        providers.keySet().forEach(alias -> add(alias, alias, Map.of()));
    }

    /** Adds a further backend of the same provider. */
    private static void add(String alias, String provider, Map<String, String> mapper) {
        Map<String, String> config = new HashMap<>(provider.equals("apple") ? apple.mapper() : Map.of());
        config.putAll(mapper);
        Conversions.add(realm, alias, provider(provider), Map.of(), config);
    }

    static Stream<String> aliases() {
        return Stream.of("google", "apple", "facebook", "partner");
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void codeOfOurAppSignsIn(String alias) {
        Person person = provider(alias).newcomer();
        realm.clearEvents();

        Answer answer = conversion(alias, provider(alias).code(person).mint()).post();

        assertThat(answer.expect(200).json().path("is_new_user").asBoolean()).isTrue();
        assertThat(realm.event("LOGIN").detail("identity_provider_identity")).isNotEmpty();
        assertThat(realm.event("LOGIN").detail("auth_method")).isEqualTo("convert_token");
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void codeAndTokenOfOnePersonLeadToOneUser(String alias) {
        Person person = provider(alias).newcomer();

        Answer byCode = conversion(alias, provider(alias).code(person).mint()).post();
        Answer byToken = realm.convert(alias, provider(alias).idToken(person).mint());

        assertThat(Conversions.user(byCode.expect(200))).isEqualTo(Conversions.user(byToken.expect(200)));
    }

    static Stream<Arguments> badCodes() {
        return aliases()
                .flatMap(alias -> Stream.of(
                        Arguments.of(
                                alias,
                                "of another client",
                                (Consumer<CodeBuilder>) code -> code.issuedTo("another"),
                                Map.of()),
                        Arguments.of(
                                alias,
                                "with another verifier",
                                (Consumer<CodeBuilder>) code -> code.verifiedBy(VERIFIER),
                                Map.of("code_verifier", ANOTHER_VERIFIER)),
                        Arguments.of(
                                alias,
                                "without its verifier",
                                (Consumer<CodeBuilder>) code -> code.verifiedBy(VERIFIER),
                                Map.of()),
                        Arguments.of(
                                alias,
                                "with another redirect address",
                                (Consumer<CodeBuilder>) code -> code.redirectingTo("https://company.example/other"),
                                Map.of())));
    }

    @ParameterizedTest(name = "{0}: code {1}")
    @MethodSource("badCodes")
    void codeThatTheProviderDoesNotTakeIsRefused(
            String alias, String what, Consumer<CodeBuilder> making, Map<String, String> sent) {
        CodeBuilder code = provider(alias).code(provider(alias).newcomer());
        making.accept(code);

        refuses(conversion(alias, code.mint()).params(sent), alias, "code_refused");
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void expiredCodeIsRefused(String alias) {
        refuses(
                conversion(
                        alias, provider(alias).code(provider(alias).newcomer()).expired()),
                alias,
                "code_refused");
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void codeIsTriedOnce(String alias) {
        ProviderEndpoint tokens = provider(alias).tokenEndpoint();
        String code = provider(alias).code(provider(alias).newcomer()).mint();
        conversion(alias, code).post().expect(200);
        tokens.reset();

        refuses(conversion(alias, code), alias, "code_already_used");

        assertThat(tokens.requestCount()).isZero();
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void codesOfOneVerifierAndRedirectAddressSignIn(String alias) {
        String code = provider(alias)
                .code(provider(alias).newcomer())
                .issuedTo(provider(alias).clientId())
                .verifiedBy(VERIFIER)
                .redirectingTo(REDIRECT)
                .nonce("n-1")
                .mint();

        conversion(alias, code)
                .param("code_verifier", VERIFIER)
                .param("redirect_uri", REDIRECT)
                .param("nonce", "n-1")
                .post()
                .expect(200);
    }

    static Stream<Arguments> faults() {
        Map<String, Consumer<ProviderEndpoint>> faults = new LinkedHashMap<>();
        faults.put("error 500", endpoint -> endpoint.answersStatus(500));
        faults.put("too many requests", endpoint -> endpoint.answersStatus(429));
        faults.put("a client error that says nothing of the code", endpoint -> endpoint.answersStatus(405));
        faults.put("garbage", ProviderEndpoint::answersGarbage);
        faults.put("a list", endpoint -> endpoint.answers(200, "application/json", "[1]"));
        faults.put("no access token", endpoint -> endpoint.answersJson(Map.of("token_type", "Bearer")));
        faults.put("a body without end", endpoint -> endpoint.answersHugeBody(20_000_000));
        faults.put("a redirect", endpoint -> endpoint.redirectsTo(endpoint.uri().resolve("/elsewhere")));
        faults.put("a closed connection", ProviderEndpoint::hangsUp);
        faults.put("silence", endpoint -> endpoint.holds(Duration.ofSeconds(30)));
        faults.put(
                "other credentials",
                endpoint -> endpoint.answers(401, "application/json", "{\"error\":\"invalid_client\"}"));
        return aliases()
                .flatMap(alias ->
                        faults.entrySet().stream().map(fault -> Arguments.of(alias, fault.getKey(), fault.getValue())));
    }

    @ParameterizedTest(name = "{0} answers with {1}")
    @MethodSource("faults")
    void faultOfTheProviderIsNoVerdictOnTheCode(String alias, String what, Consumer<ProviderEndpoint> fault) {
        ProviderEndpoint tokens = provider(alias).tokenEndpoint();
        String fresh = (alias + "-" + what).replaceAll("[^a-z0-9]+", "-");
        add(fresh, alias, Map.of());
        String code = provider(alias).code(provider(alias).newcomer()).mint();
        fault.accept(tokens);
        int users = realm.userCount();
        realm.clearEvents();
        try {
            assertThat(conversion(fresh, code).post().expect(503).error()).isEqualTo("temporarily_unavailable");
        } finally {
            tokens.reset();
        }

        assertThat(realm.event("LOGIN_ERROR").error()).isEqualTo("identity_provider_unavailable");
        assertThat(realm.userCount()).isEqualTo(users);
        // it may have reached the provider
        refuses(conversion(fresh, code), fresh, "code_already_used");
        assertThat(keycloak.log().contains(code)).isFalse();
    }

    // what the provider gives for a code

    @ParameterizedTest
    @ValueSource(strings = {"google", "apple", "partner"})
    void codeWithoutIdTokenProvesNobody(String alias) {
        SocialProvider provider = provider(alias);
        String code = provider.code(provider.newcomer())
                .giving(response -> response.remove("id_token"))
                .mint();

        refuses(conversion(alias, code), alias, "id_token_missing");
    }

    /** Only an app that asks for scope openid gets an ID token from Facebook. Graph proves whose access token it is. */
    @Test
    void facebooksIdTokenMayBeMissing() {
        Facebook facebook = (Facebook) provider("facebook");
        Person person = facebook.newcomer();
        String code = facebook.code(person)
                .giving(response -> response.remove("id_token"))
                .mint();
        String withNonce = facebook.code(person)
                .giving(response -> response.remove("id_token"))
                .mint();

        conversion("facebook", code).post().expect(200);
        refuses(conversion("facebook", withNonce).param("nonce", "n"), "facebook", "nonce_missing");
    }

    static Stream<Arguments> badIdTokens() {
        return aliases()
                .flatMap(alias -> Stream.of(
                        idToken(alias, "audience_mismatch", token -> token.audience("another")),
                        idToken(alias, "token_expired", token -> token.expiresIn(Duration.ofMinutes(-5))),
                        idToken(alias, "issuer_mismatch", token -> token.issuer("https://another.example")),
                        idToken(
                                alias,
                                "signature_invalid",
                                token -> token.signedBy(FakeProvider.foreignKey(
                                        provider(alias).key().getKeyID()))),
                        idToken(alias, "token_hash_mismatch", token -> token.claim("at_hash", WRONG_HASH)),
                        idToken(alias, "token_hash_mismatch", token -> token.claim("c_hash", WRONG_HASH))));
    }

    private static Arguments idToken(String alias, String reason, UnaryOperator<JwtBuilder> change) {
        return Arguments.of(alias, reason, change);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("badIdTokens")
    void idTokenOfTheCodeIsVerifiedAsEveryOther(String alias, String reason, UnaryOperator<JwtBuilder> change) {
        SocialProvider provider = provider(alias);
        Person person = provider.newcomer();
        String code = provider.code(person)
                .giving(response -> response.put(
                        "id_token", change.apply(idToken(alias, person)).mint()))
                .mint();

        refuses(conversion(alias, code), alias, reason);
    }

    private static JwtBuilder idToken(String alias, Person person) {
        return provider(alias)
                .idToken(person)
                .audience(
                        alias.equals("apple")
                                ? Apple.BUNDLE_ID
                                : provider(alias).clientId());
    }

    /** Good for another backend of the realm, but not given to the client that redeemed the code. */
    @Test
    void idTokenIsOfTheClientThatRedeemedTheCode() {
        add("apple-of-the-web", "apple", Map.of());
        Person person = apple.newcomer();
        String code = apple.code(person)
                .giving(response -> response.put(
                        "id_token",
                        apple.idToken(person).audience(apple.clientId()).mint()))
                .mint();

        refuses(conversion("apple-of-the-web", code), "apple-of-the-web", "audience_mismatch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"google", "facebook", "partner"})
    void profileIsOfThePersonOfTheIdToken(String alias) {
        SocialProvider provider = provider(alias);
        String code = provider.code(provider.newcomer())
                .giving(response -> response.put(
                        "id_token", idToken(alias, provider.newcomer()).mint()))
                .mint();

        refuses(conversion(alias, code), alias, "subject_mismatch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"google", "apple", "partner"})
    void hashesOfTheTokensHold(String alias) {
        SocialProvider provider = provider(alias);
        Person person = provider.newcomer();
        String code = provider.code(person)
                .giving(response -> response.put(
                        "id_token",
                        idToken(alias, person)
                                .claim("at_hash", halfOfHash(String.valueOf(response.get("access_token"))))
                                .mint()))
                .mint();

        conversion(alias, code).post().expect(200);
    }

    /** OpenID Connect Core, section 3.1.3.6. */
    private static String halfOfHash(String text) {
        byte[] hash = Base64.getUrlDecoder().decode(Sha256.base64Url(text));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, hash.length / 2));
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void nonceIsThatOfTheRequest(String alias) {
        SocialProvider provider = provider(alias);
        String strict = alias + "-with-nonce";
        add(strict, alias, Map.of("requireNonce", "true"));

        refuses(
                conversion(strict, provider.code(provider.newcomer()).nonce("n").mint())
                        .param("nonce", "another"),
                strict,
                "nonce_mismatch");
        refuses(conversion(strict, provider.code(provider.newcomer()).nonce("n").mint()), strict, "nonce_missing");
        conversion(strict, provider.code(provider.newcomer()).nonce("n").mint())
                .param("nonce", "n")
                .post()
                .expect(200);
    }

    // what the backend takes

    @ParameterizedTest
    @CsvSource({"any, 200, 200", "code, 200, 400", "id_token, 400, 200", "access_token, 400, 400"})
    void backendSaysWhetherItTakesCodes(String accepted, int code, int idToken) {
        SocialProvider google = provider("google");
        String alias = "google-taking-" + accepted.replace('_', '-');
        add(alias, "google", Map.of("acceptedTokens", accepted));
        google.tokenEndpoint().reset();

        conversion(alias, google.code(google.newcomer()).mint()).post().expect(code);
        realm.conversion(alias, google.idToken(google.newcomer()).mint()).post().expect(idToken);
        assertThat(google.tokenEndpoint().requestCount()).isEqualTo(code == 200 ? 1 : 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"microsoft", "github"})
    void codesThatNoServerCanRedeemAreRefused(String alias) {
        refuses(conversion(alias, "0.a-code-of-a-native-app"), alias, "code_unsupported");
    }

    @Test
    void popupOfGoogleHasARedirectAddressOfItsOwn() {
        SocialProvider google = provider("google");
        String code =
                google.code(google.newcomer()).redirectingTo("postmessage").mint();

        conversion("google", code).param("redirect_uri", "postmessage").post().expect(200);
    }

    @Test
    void appOfAppleIsNamedWhereThereAreSeveral() {
        add("apple-with-apps", "apple", Map.of("acceptedAudiences", "com.company.other\n" + Apple.BUNDLE_ID));
        String code = apple.code(apple.newcomer()).mint();

        invalid(conversion("apple-with-apps", code));
        invalid(conversion("apple-with-apps", code).param("app_identifier", "com.another.app"));
        conversion("apple-with-apps", code)
                .param("app_identifier", Apple.BUNDLE_ID)
                .post()
                .expect(200);
    }

    @Test
    void onlyTheClientWhoseSecretWeHaveRedeemsElsewhere() {
        SocialProvider google = provider("google");

        invalid(conversion("google", google.code(google.newcomer()).mint()).param("app_identifier", "1-android"));
        conversion("google", google.code(google.newcomer()).mint())
                .param("app_identifier", google.clientId())
                .post()
                .expect(200);
    }

    @Test
    void parametersThatMakeNoSenseLoseNothing() {
        SocialProvider google = provider("google");
        String code = google.code(google.newcomer()).mint();

        invalid(conversion("google", code).param("token", "x"));
        invalid(conversion("google", code).param("code_verifier", "short"));
        invalid(conversion("google", code).param("code", code));
        invalid(conversion("google", code).param("token_type", "id_token"));
        invalid(conversion("google", code).param("redirect_uri", "x".repeat(2001)));
        refuses(conversion("google", "a code"), "google", "token_malformed");
        assertThat(conversion("google", code)
                        .param("scope", "no-such-scope")
                        .post()
                        .expect(400)
                        .error())
                .isEqualTo("invalid_scope");

        conversion("google", code).param("nonce", "").post().expect(200);
    }

    private static void invalid(Call call) {
        assertThat(call.post().expect(400).error()).isEqualTo("invalid_request");
    }

    // elsewhere

    @Test
    void codeConvertsAsASubjectToken() {
        SocialProvider google = provider("google");

        Answer answer = exchange(google.code(google.newcomer()).mint()).post();

        assertThat(answer.expect(200).json().path("issued_token_type").asText()).endsWith("access_token");
        assertThat(answer.json().path("is_new_user").asBoolean()).isTrue();
    }

    private static Call exchange(String code) {
        return realm.tokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .param("subject_issuer", "google")
                .param("subject_token", code)
                .param("subject_token_type", "urn:convert-token:token-type:authorization_code");
    }

    @Test
    void codeConvertsAtTheTokenEndpointAndAsJson() {
        SocialProvider google = provider("google");

        realm.tokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "convert_token")
                .param("backend", "google")
                .param("code", google.code(google.newcomer()).mint())
                .post()
                .expect(200);
        conversion("google", google.code(google.newcomer()).mint()).postJson().expect(200);
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void codeConnectsAnIdentity(String alias) {
        SocialProvider provider = provider(alias);
        Person identity = provider.newcomer();
        Person user = realm.newUser();
        Answer signIn = realm.signIn(TestRealm.APP, user);

        realm.call("/auth/connect-backend")
                .bearer(signIn.accessToken())
                .param("backend", alias)
                .param("code", provider.code(identity).mint())
                .post()
                .expect(204);

        Answer answer = conversion(alias, provider.code(identity).mint()).post().expect(200);
        assertThat(Conversions.user(answer)).isEqualTo(Conversions.user(signIn));
    }

    /** As a browser login leaves them, for whoever may read them at Keycloak's own broker endpoint. */
    @ParameterizedTest
    @MethodSource("aliases")
    void tokensAreStoredAsByABrowserLogin(String alias) {
        SocialProvider provider = provider(alias);
        String storing = alias + "-storing";
        Map<String, String> mapper = alias.equals("apple") ? apple.mapper() : Map.of();
        Conversions.add(
                realm, storing, provider, Map.of("storeToken", "true", "addReadTokenRoleOnCreate", "true"), mapper);

        JsonNode byBrowser = storedTokens(
                storing,
                BrowserLogin.through(realm, storing, provider, provider.newcomer())
                        .accessToken());
        JsonNode byCode = storedTokens(
                storing,
                conversion(storing, provider.code(provider.newcomer()).mint())
                        .post()
                        .expect(200)
                        .accessToken());

        assertThat(byCode.path("access_token").asText()).isNotEmpty();
        assertThat(names(byCode)).containsAll(names(byBrowser));
        assertThat(byCode.path("accessTokenExpiration").asLong())
                .isGreaterThanOrEqualTo(byBrowser.path("accessTokenExpiration").asLong());
    }

    private static JsonNode storedTokens(String alias, String bearer) {
        return realm.call("/broker/" + alias + "/token")
                .bearer(bearer)
                .get()
                .expect(200)
                .json();
    }

    private static List<String> names(JsonNode json) {
        List<String> names = new ArrayList<>();
        json.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void secretOfAppleIsMadeOnceAndForEachClient() {
        add("apple-secrets", "apple", Map.of());
        conversion("apple-secrets", apple.code(apple.newcomer()).mint()).post().expect(200);
        int before = apple.seenSecrets().size();

        conversion("apple-secrets", apple.code(apple.newcomer()).mint()).post().expect(200);
        assertThat(apple.seenSecrets()).hasSize(before);

        String ofWebSite = apple.code(apple.newcomer())
                .issuedTo(apple.clientId())
                .redirectingTo(REDIRECT)
                .mint();
        conversion("apple-secrets", ofWebSite)
                .param("redirect_uri", REDIRECT)
                .post()
                .expect(200);
        assertThat(apple.seenSecrets()).hasSize(before + 1);
    }

    private static void refuses(Call call, String alias, String reason) {
        int users = realm.userCount();
        realm.clearEvents();

        Answer answer = call.post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_grant");
        UserEvent event = realm.event("LOGIN_ERROR");
        assertThat(event.detail("reason")).isEqualTo(reason);
        assertThat(event.detail("identity_provider")).isEqualTo(alias);
        assertThat(realm.userCount()).isEqualTo(users);
    }

    private static Call conversion(String alias, String code) {
        return realm.codeConversion(alias, code);
    }

    private static SocialProvider provider(String alias) {
        return Objects.requireNonNull(providers.get(alias));
    }
}
