package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserLogin;
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
import io.converttoken.keycloak.testing.social.OpenShift;
import io.converttoken.keycloak.testing.social.PayPal;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import io.converttoken.keycloak.testing.social.StackOverflow;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A conversion signs in the user that the same person gets by browser, whichever comes first. */
@ExtendWith(KeycloakExtension.class)
class SameUserIT {

    private static final Set<String> WITHOUT_WHOLE_PROFILE = Set.of("apple", "stackoverflow", "openshift");

    private static TestRealm realm;
    private static SocialHosts hosts;

    @BeforeAll
    static void realm(TestRealm testRealm, SocialHosts socialHosts) {
        realm = testRealm;
        hosts = socialHosts;
        add("google", Google.class, Map.of());
        add("apple", Apple.class, Map.of("acceptedAudiences", Apple.BUNDLE_ID));
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
    }

    static Stream<Arguments> tokens() {
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
                accessToken("microsoft", Microsoft.class),
                token("linkedin", "ID token", LinkedIn.class, LinkedIn::newcomer, LinkedIn::idToken),
                accessToken("linkedin", LinkedIn.class),
                token("gitlab", "ID token", GitLab.class, GitLab::newcomer, GitLab::idToken),
                accessToken("gitlab", GitLab.class),
                accessToken("bitbucket", Bitbucket.class),
                accessToken("paypal", PayPal.class),
                accessToken("stackoverflow", StackOverflow.class),
                accessToken("openshift", OpenShift.class));
    }

    /** The others' lack what a new account needs: their people see a page first. */
    static Stream<Arguments> tokensOfWholeProfiles() {
        return tokens().filter(token -> !WITHOUT_WHOLE_PROFILE.contains((String) token.get()[0]));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("tokens")
    void browserFirst(String alias, String what, SocialProvider provider, Person person, Minter minter) {
        Answer browser = BrowserLogin.through(realm, alias, provider, person);

        Answer conversion = convert(alias, minter.mint(person)).expect(200);

        assertThat(user(conversion)).isEqualTo(user(browser));
        assertThat(conversion.json().path("is_new_user").asBoolean()).isFalse();
        assertThat(hosts.strangers()).isEmpty();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("tokensOfWholeProfiles")
    void conversionFirst(String alias, String what, SocialProvider provider, Person person, Minter minter) {
        Answer conversion = convert(alias, minter.mint(person)).expect(200);

        Answer browser = BrowserLogin.through(realm, alias, provider, person);

        assertThat(user(browser)).isEqualTo(user(conversion));
        assertThat(conversion.json().path("is_new_user").asBoolean()).isTrue();
    }

    private static String user(Answer answer) {
        return answer.accessTokenClaims().path("sub").asText();
    }

    private static Answer convert(String alias, String token) {
        return realm.convertTokenEndpoint()
                .as(TestRealm.APP)
                .param("backend", alias)
                .param("token", token)
                .post();
    }

    private static void add(String alias, Class<? extends SocialProvider> type, Map<String, String> mapper) {
        Map<String, String> config = new HashMap<>(mapper);
        config.put("allowedClients", "*");
        realm.addSocialProvider(alias, hosts.get(type), Map.of()).addConvertTokenMapper(alias, config);
    }

    @FunctionalInterface
    interface Minter {
        String mint(Person person);
    }

    private static <T extends SocialProvider> Arguments accessToken(String alias, Class<T> type) {
        T provider = hosts.get(type);
        Minter minter = person -> provider.accessToken(person).mint();
        return Arguments.of(alias, "access token", provider, provider.newcomer(), minter);
    }

    private static <T extends SocialProvider> Arguments token(
            String alias,
            String what,
            Class<T> type,
            Function<T, Person> somebody,
            BiFunction<T, Person, JwtBuilder> builder) {
        T provider = hosts.get(type);
        Minter minter = person -> builder.apply(provider, person).mint();
        return Arguments.of(alias, what, provider, somebody.apply(provider), minter);
    }
}
