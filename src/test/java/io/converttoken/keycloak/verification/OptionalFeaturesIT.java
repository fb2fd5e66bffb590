// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.ExchangeV1;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.Instagram;
import io.converttoken.keycloak.testing.social.LinkedIn;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import io.converttoken.keycloak.verification.SocialAttacks.Attack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A Keycloak with features that are off by default: its own preview of external token exchange (V1) beside ours, to which the
 * attacks of {@link SocialRefusalsIT} are shown, the deprecated providers, and no explorer.
 */
@ExtendWith(KeycloakExtension.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OptionalFeaturesIT {

    private static final String GENUINE = "of ours, genuine";
    private static final Set<String> LEFT_OUT_FOR_WIDTH = Set.of("ghe", "paypal", "stackoverflow", "openshift");

    private static SocialHosts hosts;

    @AutoClose
    private static KeycloakServer keycloak;

    private static TestRealm realm;
    private static SocialAttacks attacks;

    @BeforeAll
    static void start(SocialHosts socialHosts) {
        hosts = socialHosts;
        keycloak = KeycloakServer.startWithFeatures(
                hosts,
                "token-exchange",
                "admin-fine-grained-authz:v1",
                "instagram-broker",
                "twitter-broker",
                "identity-brokering-api:v1",
                "transient-users");
        realm = TestRealm.createIn(keycloak);
        attacks = new SocialAttacks(hosts, realm);
    }

    @Test
    void explorerIsSwitchedOff() {
        for (String path : List.of("/auth/docs", "/auth/openapi.json", "/auth/openapi.yaml")) {
            Answer answer = realm.call(path).get();

            assertThat(answer.expect(404).error()).as(path).isEqualTo("not_found");
            assertThat(answer.header("Content-Type")).hasValue("application/json");
        }
        assertThat(realm.call("/auth/convert-token").post().status()).isEqualTo(401);
    }

    /** Keycloak's class reads it once and keeps it, so that this comes first. */
    @Test
    @Order(1)
    void withoutLinkedInsMetadataThereIsNoVerdictOnTheToken() {
        LinkedIn linkedIn = hosts.get(LinkedIn.class);
        Conversions conversions = Conversions.add(realm, "metadata", linkedIn);
        linkedIn.discovery().answersStatus(500);
        conversions.isUnavailableFor(linkedIn.idToken(linkedIn.newcomer()).mint());
        conversions.isUnavailableFor(linkedIn.accessToken(linkedIn.newcomer()).mint());
        linkedIn.discovery().answersNormally();

        conversions.accepts(linkedIn.idToken(linkedIn.newcomer()).mint());
    }

    /** The mapper makes a backend of it, and what is a backend is ours alone. */
    @Test
    void backendIsNeverLeftToTheLegacyExchange() {
        Google google = hosts.get(Google.class);
        addExchangeable("ours", google);
        realm.addConvertTokenMapper("ours", Map.of("allowedClients", "*"));
        Attack foreign = accessToken(
                "ours",
                "of another application",
                provider -> provider.accessToken(provider.newcomer())
                        .issuedTo(provider.anotherClientId())
                        .mint());
        String token = foreign.source().apply(google);

        assertThat(isLetIn(foreign, token)).isFalse();
        realm.removeConvertTokenMapper("ours");
        assertThat(isLetIn(foreign, token)).isTrue();
    }

    @Test
    void instagramConvertsOnlyWhereTheAdminTakesTheRisk() {
        Instagram instagram = hosts.get(Instagram.class);
        Conversions refusing = Conversions.add(realm, "instagram", instagram);
        Conversions taking =
                Conversions.add(realm, "unbound", instagram, Map.of(), Map.of("acceptUnboundTokens", "true"));
        Person person = instagram.newcomer();
        Answer browser = BrowserLogin.through(realm, "unbound", instagram, person);

        refusing.refuses(instagram.accessToken(person).mint(), ReasonCode.TOKEN_UNBOUND);
        taking.refuses(instagram.accessToken(person).revoked().mint(), ReasonCode.TOKEN_INACTIVE);
        Answer conversion = taking.accepts(instagram.accessToken(person).mint());

        assertThat(Conversions.user(conversion)).isEqualTo(Conversions.user(browser));
        instagram.verificationEndpoints().get(0).answersStatus(500);
        taking.isUnavailableFor(instagram.accessToken(person).mint());
    }

    @Test
    void accountThatIsKnownByItsLegacyIdMovesToTheNewOne() {
        Instagram instagram = hosts.get(Instagram.class);
        Conversions conversions =
                Conversions.add(realm, "moving", instagram, Map.of(), Map.of("acceptUnboundTokens", "true"));
        Person person = instagram.newcomer();
        realm.addUser(person);
        realm.admin()
                .addFederatedIdentity(
                        realm.name(), person.username(), "moving", person.withSubject(Instagram.legacyId(person)));

        Answer answer = conversions.accepts(instagram.accessToken(person).mint());

        assertThat(answer.accessTokenClaims().path("preferred_username").asText())
                .isEqualTo(person.username());
        assertThat(realm.admin().federatedIdentities(realm.name(), person.username()))
                .singleElement()
                .satisfies(link -> assertThat(link.path("userId").asText()).isEqualTo("graph_" + person.subject()));
    }

    /** Stored and readable by the person, as after a browser login; what has no access token leaves it alone. */
    @Test
    void externalTokenIsKeptWhereTheIdentityProviderStoresTokens() {
        Google google = hosts.get(Google.class);
        Conversions conversions = Conversions.add(
                realm, "storing", google, Map.of("storeToken", "true", "addReadTokenRoleOnCreate", "true"), Map.of());
        Person person = google.newcomer();
        String first = google.accessToken(person).mint();
        String second = google.accessToken(person).mint();

        String bearer = conversions.accepts(first).accessToken();
        assertThat(storedToken(bearer).path("access_token").asText()).isEqualTo(first);
        bearer = conversions.accepts(second).accessToken();
        assertThat(storedToken(bearer).path("access_token").asText()).isEqualTo(second);
        bearer = conversions.accepts(google.idToken(person).mint()).accessToken();
        assertThat(storedToken(bearer).path("access_token").asText()).isEqualTo(second);
    }

    @Test
    void externalTokenIsNotKeptWhereTheIdentityProviderDoesNotStoreTokens() {
        Google google = hosts.get(Google.class);
        Conversions conversions = Conversions.add(
                realm,
                "forgetting",
                google,
                Map.of("storeToken", "false", "addReadTokenRoleOnCreate", "true"),
                Map.of());
        Person person = google.newcomer();
        String bearer = conversions.accepts(google.accessToken(person).mint()).accessToken();
        realm.updateIdentityProvider("forgetting", Map.of("storeToken", "true"));

        assertThat(realm.call("/broker/forgetting/token").bearer(bearer).get().status())
                .isEqualTo(404);
    }

    /** Such an identity provider makes users for the length of one browser session, which a conversion has not. */
    @Test
    void identityProviderOfTransientUsersNeedsTheBrowser() {
        Google google = hosts.get(Google.class);
        Conversions conversions =
                Conversions.add(realm, "transient", google, Map.of("doNotStoreUsers", "true"), Map.of());
        int users = realm.userCount();

        Answer answer =
                conversions.call(google.idToken(google.newcomer()).mint()).post();

        assertThat(answer.expect(400).error()).isEqualTo("interaction_required");
        assertThat(realm.userCount()).isEqualTo(users);
    }

    private static JsonNode storedToken(String bearer) {
        return realm.call("/broker/storing/token")
                .bearer(bearer)
                .get()
                .expect(200)
                .json();
    }

    /** Its class speaks OAuth 1.0a: a token without its secret is nothing that could be handed over. */
    @Test
    void twitterIsRefused() {
        realm.addIdentityProvider("twitter", "twitter", Map.of("clientId", "key", "clientSecret", "secret"), Map.of())
                .addConvertTokenMapper("twitter", Map.of("allowedClients", "*", "acceptUnboundTokens", "true"));

        new Conversions(realm, "twitter").refuses("1-token", ReasonCode.PROVIDER_UNSUPPORTED);
    }

    @Test
    void readmeTellsWhatTheLegacyExchangeLetsIn() throws IOException {
        Map<String, String> columns = SocialAttacks.titles();
        columns.keySet().removeAll(LEFT_OUT_FOR_WIDTH);
        AttackTable table = new AttackTable(columns);
        columns.keySet().forEach(alias -> addExchangeable(alias, attacks.provider(alias)));
        genuine()
                .filter(token -> columns.containsKey(token.alias()))
                .forEach(token -> table.add(token, outcome(token, attacks.token(token))));
        attacks.all()
                .filter(attack -> columns.containsKey(attack.alias()))
                .forEach(attack -> table.add(attack, outcome(attack, attacks.token(attack))));
        Files.writeString(Path.of("target", "legacy-exchange.md"), table.markdown());

        assertThat(Files.readString(Path.of("docs", "security-comparison.md"))).contains(table.markdown());
    }

    /** The comparison is fair: what is genuine and ours is shown to it, too. */
    private static Stream<Attack> genuine() {
        return Stream.concat(
                SocialAttacks.WITH_ID_TOKENS.stream()
                        .map(alias -> new Attack(
                                alias,
                                TokenKind.ID_TOKEN,
                                GENUINE,
                                ReasonCode.TOKEN_MALFORMED,
                                provider -> provider.idToken(provider.newcomer())
                                        .audience(provider.clientId())
                                        .mint())),
                SocialAttacks.providers().keySet().stream()
                        .filter(alias -> !alias.equals("apple"))
                        .map(alias -> new Attack(
                                alias,
                                TokenKind.ACCESS_TOKEN,
                                GENUINE,
                                ReasonCode.TOKEN_MALFORMED,
                                provider -> provider.accessToken(provider.newcomer())
                                        .mint())));
    }

    private static String outcome(Attack attack, String token) {
        return isLetIn(attack, token) ? (attack.what().equals(GENUINE) ? "in" : "**in**") : "refused";
    }

    private static boolean isLetIn(Attack attack, String token) {
        Answer answer = realm.tokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .param("subject_token", token)
                .param(
                        "subject_token_type",
                        "urn:ietf:params:oauth:token-type:"
                                + (attack.kind() == TokenKind.ID_TOKEN ? "id_token" : "access_token"))
                .param("subject_issuer", attack.alias())
                .post();
        return answer.status() == 200 && !answer.accessToken().isEmpty();
    }

    private static void addExchangeable(String alias, SocialProvider provider) {
        realm.addSocialProvider(alias, provider, Map.of("disableTypeClaimCheck", "true"));
        ExchangeV1.allow(realm, alias);
    }

    private static Attack accessToken(String alias, String what, Function<SocialProvider, String> source) {
        return new Attack(alias, TokenKind.ACCESS_TOKEN, what, ReasonCode.AUDIENCE_MISMATCH, source);
    }
}
