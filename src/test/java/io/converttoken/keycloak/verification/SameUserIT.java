// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.EmailVerified;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.Bitbucket;
import io.converttoken.keycloak.testing.social.Facebook;
import io.converttoken.keycloak.testing.social.GitHub;
import io.converttoken.keycloak.testing.social.GitHubEnterprise;
import io.converttoken.keycloak.testing.social.GitLab;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.LinkedIn;
import io.converttoken.keycloak.testing.social.Microsoft;
import io.converttoken.keycloak.testing.social.OpenIdProvider;
import io.converttoken.keycloak.testing.social.OpenShift;
import io.converttoken.keycloak.testing.social.PayPal;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import io.converttoken.keycloak.testing.social.StackOverflow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A conversion signs in the user that the same person gets by browser, whichever comes first, and makes the account that a
 * browser login would make. Every identity provider type is here but two: Instagram needs a server with its feature on
 * ({@link OptionalFeaturesIT}), and Twitter's tokens do not convert.
 */
@ExtendWith(KeycloakExtension.class)
class SameUserIT {

    /** Nothing that their APIs answer, and nothing in their ID tokens, tells whether an address is verified. */
    private static final Set<String> SILENT = Set.of("facebook", "microsoft", "stackoverflow", "openshift");

    /** GitLab's by default: of the account it leaves out what the browser login reads from the API. */
    private static final String TELLING_NO_NAME = "ID token without a name";

    /** They list a person's addresses with a word about each. */
    private static final Set<String> LISTING = Set.of("github", "ghe", "bitbucket");

    private static final String CODE = "code";

    private static TestRealm realm;
    private static SocialHosts hosts;
    private static AdminApi admin;

    @BeforeAll
    static void realm(TestRealm testRealm, SocialHosts socialHosts, AdminApi adminApi) {
        realm = testRealm;
        hosts = socialHosts;
        admin = adminApi;
        admin.requireNothingOfUsers(realm.name());
        add("google", Google.class, Map.of());
        add("apple", Apple.class, hosts.get(Apple.class).mapper());
        add("facebook", Facebook.class, Map.of());
        add("github", GitHub.class, Map.of());
        add("ghe", GitHubEnterprise.class, Map.of());
        add("microsoft", Microsoft.class, Map.of("acceptUnboundTokens", "true"));
        add("linkedin", LinkedIn.class, Map.of());
        add("gitlab", GitLab.class, Map.of());
        add("bitbucket", Bitbucket.class, Map.of("acceptUnboundTokens", "true"));
        add("paypal", PayPal.class, Map.of("acceptUnboundTokens", "true"));
        add("stackoverflow", StackOverflow.class, Map.of("acceptUnboundTokens", "true"));
        add("openshift", OpenShift.class, Map.of("acceptUnboundTokens", "true"));
        add("oidc", "oidc", OpenIdProvider.class, Map.of());
        add("keycloak", "keycloak-oidc", OpenIdProvider.class, Map.of());
        add("oauth2", "oauth2", OpenIdProvider.class, Map.of());
    }

    /**
     * A kind of token that converts.
     *
     * @param alias of the backend
     * @param what it is
     * @param somebody a person whom no realm has seen
     * @param minter makes the token
     */
    record Token(String alias, String what, SocialProvider provider, Supplier<Person> somebody, Minter minter) {

        @Override
        public String toString() {
            return alias + ": " + what;
        }
    }

    @FunctionalInterface
    interface Minter {
        String mint(Person person);
    }

    static Stream<Token> tokens() {
        return Stream.of(
                token("google", "ID token", Google.class, Google::newcomer, Google::idToken),
                accessToken("google", Google.class),
                token("apple", "ID token", Apple.class, Apple::newcomer, Apple::idToken),
                token("facebook", "ID token", Facebook.class, Facebook::newcomer, Facebook::idToken),
                accessToken("facebook", Facebook.class),
                accessToken("github", GitHub.class),
                accessToken("ghe", GitHubEnterprise.class),
                token(
                        "microsoft",
                        "ID token of a work account",
                        Microsoft.class,
                        Microsoft::newcomer,
                        Microsoft::idToken),
                token(
                        "microsoft",
                        "ID token of a personal account",
                        Microsoft.class,
                        Microsoft::personalNewcomer,
                        Microsoft::idToken),
                token(
                        "microsoft",
                        "ID token with optional claims",
                        Microsoft.class,
                        Microsoft::newcomer,
                        Microsoft::idTokenWithOptionalClaims),
                accessToken("microsoft", Microsoft.class),
                token("linkedin", "ID token", LinkedIn.class, LinkedIn::newcomer, LinkedIn::idToken),
                accessToken("linkedin", LinkedIn.class),
                token("gitlab", TELLING_NO_NAME, GitLab.class, GitLab::newcomer, GitLab::idToken),
                token(
                        "gitlab",
                        "ID token with the profile",
                        GitLab.class,
                        GitLab::newcomer,
                        GitLab::idTokenWithProfile),
                accessToken("gitlab", GitLab.class),
                accessToken("bitbucket", Bitbucket.class),
                accessToken("paypal", PayPal.class),
                accessToken("stackoverflow", StackOverflow.class),
                accessToken("openshift", OpenShift.class),
                token("oidc", "ID token", OpenIdProvider.class, OpenIdProvider::newcomer, OpenIdProvider::idToken),
                jwtAccessToken("oidc"),
                accessToken("oidc", OpenIdProvider.class),
                token("keycloak", "ID token", OpenIdProvider.class, OpenIdProvider::newcomer, OpenIdProvider::idToken),
                jwtAccessToken("keycloak"),
                accessToken("oauth2", OpenIdProvider.class),
                code("google", Google.class),
                code("apple", Apple.class),
                code("facebook", Facebook.class),
                code("oidc", OpenIdProvider.class),
                code("keycloak", OpenIdProvider.class));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tokens")
    void browserFirst(Token token) {
        Person person = token.somebody().get();
        Answer browser = BrowserLogin.through(realm, token.alias(), token.provider(), person);

        Answer conversion = convert(token, person).expect(200);

        assertThat(user(conversion)).isEqualTo(user(browser));
        assertThat(conversion.json().path("is_new_user").asBoolean()).isFalse();
        assertThat(hosts.strangers()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tokens")
    void conversionFirst(Token token) {
        Person person = token.somebody().get();
        Answer conversion = convert(token, person).expect(200);

        Answer browser = BrowserLogin.through(realm, token.alias(), token.provider(), person);

        assertThat(user(browser)).isEqualTo(user(conversion));
        assertThat(conversion.json().path("is_new_user").asBoolean()).isTrue();
    }

    /** Each kind of token, with Trust email on and off, and everything that its provider can say of the address. */
    static Stream<Arguments> addresses() {
        return tokens().filter(token -> !token.what().equals(TELLING_NO_NAME))
                .flatMap(token -> whatIsSaidBy(token.alias()).stream()
                        .flatMap(said -> Stream.of(true, false).map(trusted -> Arguments.of(token, said, trusted))));
    }

    private static List<EmailVerified> whatIsSaidBy(String alias) {
        if (SILENT.contains(alias)) {
            return List.of(EmailVerified.UNSAID);
        }
        return LISTING.contains(alias) ? List.of(EmailVerified.YES) : List.of(EmailVerified.values());
    }

    @ParameterizedTest(name = "{0}, verified: {1}, trusted: {2}")
    @MethodSource("addresses")
    void accountIsTheSame(Token token, EmailVerified said, boolean trusted) {
        trustEmail(token.alias(), trusted);
        Person person = token.somebody().get().withEmailVerified(said);

        JsonNode byBrowser = accountMadeBy(BrowserLogin.through(realm, token.alias(), token.provider(), person));
        JsonNode byConversion = accountMadeBy(convert(token, person).expect(200));

        assertThat(byConversion).isEqualTo(byBrowser);
    }

    /**
     * Deliberately different: Keycloak's classes take the first or the primary address, verified or not, and with Trust email
     * on they mark it as verified. A conversion takes none then, so that nobody gets an account with somebody else's address.
     */
    @ParameterizedTest
    @ValueSource(strings = {"github", "ghe", "bitbucket"})
    void unverifiedAddressIsTakenInTheBrowserAlone(String alias) {
        Token token = tokens().filter(candidate -> candidate.alias().equals(alias))
                .findFirst()
                .orElseThrow();
        trustEmail(alias, true);
        Person person = token.somebody().get().withUnverifiedEmail();

        ObjectNode byBrowser = accountMadeBy(BrowserLogin.through(realm, alias, token.provider(), person));
        ObjectNode byConversion = accountMadeBy(convert(token, person).expect(200));

        assertThat(byBrowser.remove("email").asText()).isEqualTo(person.email());
        assertThat(byBrowser.remove("emailVerified").asBoolean()).isTrue();
        assertThat(byConversion.remove("emailVerified").asBoolean()).isFalse();
        assertThat(byConversion).isEqualTo(byBrowser);
    }

    /** Deliberately not the same: nothing in the ID token tells the user name and the name that the browser login asks for. */
    @Test
    void accountByGitLabsIdTokenHasNoName() {
        Token token = tokens().filter(candidate -> candidate.what().equals(TELLING_NO_NAME))
                .findFirst()
                .orElseThrow();
        Person person = token.somebody().get();

        ObjectNode byConversion = accountMadeBy(convert(token, person).expect(200));

        assertThat(byConversion.path("username").asText()).isEqualTo(person.email());
        assertThat(byConversion.has("firstName")).isFalse();
        assertThat(byConversion.path("links").path(0).path("userId").asText()).isEqualTo(person.subject());
    }

    private static void trustEmail(String alias, boolean isTrusted) {
        realm.updateIdentityProvider(alias, Map.of("trustEmail", Boolean.toString(isTrusted)));
    }

    /** What an administrator sees of the account, which is removed, so that the next login makes one as well. */
    private static ObjectNode accountMadeBy(Answer login) {
        String path = realm.name() + "/users/" + user(login);
        ObjectNode account = (ObjectNode) admin.get(path);
        account.set("links", admin.get(path + "/federated-identity"));
        admin.delete(path);
        account.remove(List.of("id", "createdTimestamp"));
        return account;
    }

    private static String user(Answer answer) {
        return answer.accessTokenClaims().path("sub").asText();
    }

    private static Answer convert(Token token, Person person) {
        String minted = token.minter().mint(person);
        return token.what().equals(CODE)
                ? realm.codeConversion(token.alias(), minted).post()
                : realm.convert(token.alias(), minted);
    }

    private static void add(String alias, Class<? extends SocialProvider> type, Map<String, String> mapper) {
        add(alias, hosts.get(type).providerId(), type, mapper);
    }

    private static void add(
            String alias, String providerId, Class<? extends SocialProvider> type, Map<String, String> mapper) {
        Map<String, String> config = new HashMap<>(mapper);
        config.put("allowedClients", "*");
        realm.addIdentityProvider(alias, providerId, hosts.get(type).settings(), Map.of())
                .addConvertTokenMapper(alias, config);
    }

    private static <T extends SocialProvider> Token code(String alias, Class<T> type) {
        T provider = hosts.get(type);
        return new Token(
                alias,
                CODE,
                provider,
                provider::newcomer,
                person -> provider.code(person).mint());
    }

    private static Token jwtAccessToken(String alias) {
        OpenIdProvider provider = hosts.get(OpenIdProvider.class);
        return new Token(
                alias,
                "JWT access token",
                provider,
                provider::newcomer,
                person -> provider.jwtAccessToken(person).mint());
    }

    private static <T extends SocialProvider> Token accessToken(String alias, Class<T> type) {
        T provider = hosts.get(type);
        return new Token(
                alias,
                "access token",
                provider,
                provider::newcomer,
                person -> provider.accessToken(person).mint());
    }

    private static <T extends SocialProvider> Token token(
            String alias,
            String what,
            Class<T> type,
            Function<T, Person> somebody,
            BiFunction<T, Person, JwtBuilder> builder) {
        T provider = hosts.get(type);
        return new Token(
                alias,
                what,
                provider,
                () -> somebody.apply(provider),
                person -> builder.apply(provider, person).mint());
    }
}
