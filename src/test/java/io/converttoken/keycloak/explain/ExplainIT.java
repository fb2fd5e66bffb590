// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.Explained;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.Sha256;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an administrator learns about a conversion, and that nothing comes of asking. */
class ExplainIT extends WithProvider {

    private static final String ALIAS = "social";

    @BeforeAll
    static void backend() {
        realm.addOidcProvider(ALIAS, provider)
                .addConvertTokenMapper(ALIAS, Map.of("allowedClients", "app", "backendNames", "social-app"));
    }

    @BeforeEach
    void mapper() {
        realm.replaceConvertTokenMapper(ALIAS, Map.of("allowedClients", "app", "backendNames", "social-app"));
    }

    private static Explained explain(String token) {
        return Explained.of(realm, ALIAS, token);
    }

    private static String goodToken() {
        return provider.idToken(Person.unknown()).mint();
    }

    @Test
    void everyCheckOfAGoodTokenIsShown() {
        Explained explained = explain(goodToken()).converts();

        assertThat(explained.checks())
                .extracting(check -> check.path("check").asText())
                .containsExactly(
                        "backend",
                        "client",
                        "scope",
                        "limit",
                        "provider",
                        "format",
                        "kind",
                        "issuer",
                        "subject",
                        "validity",
                        "age",
                        "issued_to",
                        "audience",
                        "algorithm",
                        "key",
                        "signature",
                        "nonce",
                        "identity",
                        "account");
        assertThat(explained.checks())
                .extracting(check -> check.path("result").asText())
                .containsOnly("passed");
        assertThat(explained.check("audience").path("found").asText()).isEqualTo(FakeProvider.CLIENT_ID);
        assertThat(explained.check("issuer").path("expected").asText()).isEqualTo(provider.issuer());
    }

    @Test
    void whatWasNotReachedIsSaid() {
        String token =
                provider.idToken(Person.unknown()).audience("android-app").mint();

        Explained explained = explain(token).refusesFor("audience_mismatch", token);

        assertThat(explained.failed().path("found").asText()).isEqualTo("android-app");
        assertThat(explained.failed().path("expected").asText()).isEqualTo(FakeProvider.CLIENT_ID);
        assertThat(explained.failed().path("advice").asText()).contains("android-app", "Accepted audiences");
        assertThat(Stream.of("signature", "nonce", "account"))
                .allSatisfy(later -> assertThat(
                                explained.check(later).path("result").asText())
                        .isEqualTo("not_reached"));
        assertThat(explained.json().path("reason_text").asText())
                .isEqualTo("external token was issued to another application; found: android-app; expected: "
                        + FakeProvider.CLIENT_ID);
    }

    /** @param fixed what the advice says, done */
    private record Mistake(String what, String reason, Runnable made, Runnable fixed, Map<String, String> more) {

        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Mistake> mistakes() {
        return Stream.of(
                new Mistake(
                        "no allowed client",
                        "client_not_allowed",
                        () -> realm.replaceConvertTokenMapper(ALIAS, Map.of("allowedClients", "")),
                        () -> realm.replaceConvertTokenMapper(ALIAS, Map.of("allowedClients", "app")),
                        Map.of()),
                new Mistake(
                        "identity provider is off",
                        "backend_switched_off",
                        () -> realm.admin().updateIdentityProvider(realm.name(), ALIAS, Map.of("enabled", false)),
                        () -> realm.admin().updateIdentityProvider(realm.name(), ALIAS, Map.of("enabled", true)),
                        Map.of()),
                new Mistake(
                        "no mapper",
                        "backend_without_mapper",
                        () -> realm.removeConvertTokenMapper(ALIAS),
                        () -> realm.addConvertTokenMapper(ALIAS, Map.of("allowedClients", "app")),
                        Map.of()),
                new Mistake(
                        "wrong issuer",
                        "issuer_mismatch",
                        () -> realm.updateIdentityProvider(ALIAS, Map.of("issuer", "https://typo.example")),
                        () -> realm.updateIdentityProvider(ALIAS, Map.of("issuer", provider.issuer())),
                        Map.of()),
                new Mistake(
                        "key address that is none",
                        "keys_unreadable",
                        () -> realm.updateIdentityProvider(
                                ALIAS,
                                Map.of("jwksUrl", provider.uri("/nowhere").toString())),
                        () -> realm.updateIdentityProvider(
                                ALIAS, Map.of("jwksUrl", provider.jwks().uri().toString())),
                        Map.of()),
                new Mistake(
                        "provider that cannot be reached",
                        "provider_unreachable",
                        () -> realm.updateIdentityProvider(ALIAS, Map.of("jwksUrl", "http://127.0.0.1:9/keys")),
                        () -> realm.updateIdentityProvider(
                                ALIAS, Map.of("jwksUrl", provider.jwks().uri().toString())),
                        Map.of()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void mistakeIsNamedAndItsFixConverts(Mistake mistake) {
        String token = goodToken();
        mistake.made().run();
        try {
            Explained.of(realm, ALIAS, token, mistake.more()).refusesFor(mistake.reason(), token);
            Answer refused = realm.convert(ALIAS, token);
            assertThat(refused.status()).isGreaterThanOrEqualTo(400);
            assertThat(realm.event("LOGIN_ERROR").detail("reason")).isEqualTo(mistake.reason());
        } finally {
            mistake.fixed().run();
        }
        explain(token).converts();
        assertThat(realm.convert(ALIAS, token).status()).isEqualTo(200);
    }

    @Test
    void nonceThatWasHashedTwiceIsToldFromAnotherNonce() {
        String nonce = "n-0S6_WzA2Mj";
        String twice = Sha256.hex(Sha256.hex(nonce));
        String token = provider.idToken(Person.unknown()).nonce(twice).mint();

        Explained explained =
                Explained.of(realm, ALIAS, token, Map.of("nonce", nonce)).refusesFor("nonce_mismatch", token);

        assertThat(explained.failed().path("found").asText()).contains("hashed twice");
        assertThat(explained.json().toString()).doesNotContain(twice, nonce);
        String once =
                provider.idToken(Person.unknown()).nonce(Sha256.hex(nonce)).mint();
        Explained.of(realm, ALIAS, once, Map.of("nonce", nonce)).converts();
    }

    @Test
    void clockThatIsFiveMinutesWrongIsShown() {
        String token = provider.idToken(Person.unknown())
                .issuedAt(Instant.now().plus(Duration.ofMinutes(5)))
                .mint();

        Explained explained = explain(token).refusesFor("token_issued_in_future", token);

        assertThat(explained.failed().path("found").asText()).startsWith("iat 20");
        assertThat(explained.failed().path("expected").asText()).startsWith("now 20");
    }

    @Test
    void unknownNameIsExplainedWithThoseThatThereAre() {
        Explained explained = Explained.of(realm, "sozial", goodToken());

        assertThat(explained.reason()).isEqualTo("backend_unknown");
        assertThat(explained.failed().path("found").asText()).isEqualTo("sozial");
        assertThat(explained.failed().path("expected").asText()).contains("social", "social-app");
        assertThat(explained.failed().path("advice").asText()).contains("backend=sozial", "social-app");
    }

    @Test
    void furtherNameIsExplainedLikeTheAlias() {
        Explained.of(realm, "social-app", goodToken()).converts();
    }

    @Test
    void unknownClientIsExplained() {
        Explained.of(realm, ALIAS, goodToken(), Map.of("client_id", "nobody")).refusesFor("client_unknown", "");
    }

    @Test
    void scopeThatTheClientDoesNotHaveIsExplained() {
        String token = goodToken();
        Explained.of(realm, ALIAS, token, Map.of("scope", "openid no-such-scope"))
                .refusesFor("scope_invalid", token);
        realm.clearEvents();
        Answer answer = realm.conversion(ALIAS, token)
                .param("scope", "openid no-such-scope")
                .post();
        assertThat(answer.expect(400).error()).isEqualTo("invalid_scope");
        assertThat(realm.event("LOGIN_ERROR").detail("reason")).isEqualTo("scope_invalid");
    }

    @Test
    void accountIsWhatAConversionWouldMakeOfIt() {
        Person person = Person.unknown();
        String token = provider.idToken(person).mint();
        int users = realm.userCount();

        assertThat(explain(token).account()).isEqualTo("would_create");
        assertThat(realm.userCount()).isEqualTo(users);

        Answer converted = realm.convert(ALIAS, token).expect(200);
        Explained again = explain(token);
        assertThat(again.account()).isEqualTo("signs_in");
        assertThat(again.json().path("account").path("user_id").asText())
                .isEqualTo(converted.accessTokenClaims().path("sub").asText());
    }

    @Test
    void personWhoMustSeeAPageIsExplainedWithTheStep() {
        Person owner = realm.newUser();
        String token =
                provider.idToken(Person.unknown().withEmail(owner.email())).mint();

        Explained explained = explain(token).refusesFor("flow_shows_page", token);

        assertThat(explained.outcome()).isEqualTo("interaction_required");
        assertThat(explained.failed().path("check").asText()).isEqualTo("account");
        assertThat(explained.failed().path("found").asText()).contains("first broker login", "idp-confirm-link");
        assertThat(explained.json().toString()).doesNotContain(owner.email());
    }

    @Test
    void missingAttributeIsNamed() {
        String token = provider.idToken(Person.unknown())
                .without("family_name")
                .without("name")
                .mint();

        Explained explained = explain(token).refusesFor("flow_shows_page", token);

        assertThat(explained.failed().path("found").asText()).contains("idp-review-profile", "lastName");
    }

    @Test
    void userWhoIsSwitchedOffIsExplained() {
        Person person = Person.unknown();
        String token = provider.idToken(person).mint();
        String username = realm.convert(ALIAS, token)
                .expect(200)
                .accessTokenClaims()
                .path("preferred_username")
                .asText();
        realm.admin().updateUser(realm.name(), username, Map.of("enabled", false));

        explain(token).refusesFor("user_disabled", token);
    }

    @Test
    void singleUseIsNotSpent() {
        realm.replaceConvertTokenMapper(ALIAS, Map.of("allowedClients", "app", "singleUse", "true"));
        String token = goodToken();

        explain(token).converts();
        explain(token).converts();
        realm.convert(ALIAS, token).expect(200);
        explain(token).refusesFor("token_already_used", token);
    }

    @Test
    void refusalsAreNotCounted() {
        String bad = provider.idToken(Person.unknown()).audience("another").mint();
        for (int i = 0; i < 100; i++) {
            explain(bad).refusesFor("audience_mismatch", bad);
        }
        realm.convert(ALIAS, goodToken()).expect(200);
    }

    @Test
    void explanationLeavesAnAdminEventWithoutTheToken(KeycloakServer keycloak) {
        String token = goodToken();
        realm.clearEvents();
        realm.admin().clearAdminEvents(realm.name());

        explain(token).converts();

        assertThat(realm.events()).isEmpty();
        List<JsonNode> events = realm.admin().adminEvents(realm.name());
        assertThat(events).hasSize(1);
        assertThat(events.get(0).path("operationType").asText()).isEqualTo("ACTION");
        assertThat(events.get(0).path("details").path("outcome").asText()).isEqualTo("converts");
        String signature = token.substring(token.lastIndexOf('.') + 1);
        assertThat(events.toString()).doesNotContain(signature);
        assertThat(keycloak.log().contains(signature)).isFalse();
    }

    @Test
    void rightsAreThoseOfIdentityProviders() {
        TestClient caller = realm.addPublicClient("explaining", Map.of());
        realm.allowAdminCalls(caller);
        Person person = realm.newUser();
        String token = goodToken();

        assertThat(as(caller, person, token).status()).isEqualTo(403);
        realm.admin().addClientRole(realm.name(), person.username(), "realm-management", "view-identity-providers");
        assertThat(as(caller, person, token).status()).isEqualTo(403);
        realm.admin().addClientRole(realm.name(), person.username(), "realm-management", "manage-identity-providers");
        Answer withoutUsers = as(caller, person, token).expect(200);
        assertThat(withoutUsers.json().path("outcome").asText()).isEqualTo("converts");
        assertThat(withoutUsers.json().has("account")).isFalse();
        realm.admin().addClientRole(realm.name(), person.username(), "realm-management", "view-users");
        assertThat(as(caller, person, token)
                        .expect(200)
                        .json()
                        .path("account")
                        .path("outcome")
                        .asText())
                .isEqualTo("would_create");
        assertThat(Call.to(Explained.call(realm, ALIAS, "explain").uri())
                        .bearer("nothing")
                        .post()
                        .status())
                .isEqualTo(401);
    }

    private static Answer as(TestClient client, Person person, String token) {
        String bearer = realm.signIn(client, person).expect(200).accessToken();
        return Call.to(Explained.call(realm, ALIAS, "explain").uri())
                .bearer(bearer)
                .param("client_id", TestRealm.APP.clientId())
                .param("token", token)
                .post();
    }

    @Test
    void questionMustBeWhole() {
        assertThat(Explained.call(realm, ALIAS, "explain")
                        .param("token", goodToken())
                        .post()
                        .expect(400)
                        .error())
                .isEqualTo("invalid_request");
        assertThat(Explained.call(realm, ALIAS, "explain")
                        .param("client_id", "app")
                        .post()
                        .expect(400)
                        .errorDescription())
                .isEqualTo("Missing parameter: token");
    }

    @Test
    void adviceIsInTheLanguageOfTheReader() {
        realm.speakEveryLanguage();
        try {
            String token =
                    provider.idToken(Person.unknown()).audience("another").mint();
            JsonNode german = Explained.call(realm, ALIAS, "explain")
                    .header("Accept-Language", "de")
                    .param("client_id", "app")
                    .param("token", token)
                    .post()
                    .expect(200)
                    .json();
            assertThat(new Explained(german).failed().path("advice").asText())
                    .isNotEqualTo(explain(token).failed().path("advice").asText())
                    .contains("another");
        } finally {
            realm.admin().updateRealm(realm.name(), Map.of("internationalizationEnabled", false));
        }
    }

    @Test
    void referenceOfARefusalFindsItsEvent(KeycloakServer keycloak) {
        realm.clearEvents();
        Answer refused = realm.convert(ALIAS, "no-token-of-anybody").expect(400);

        String reference = refused.json().path("error_reference").asText();

        assertThat(reference).matches("[0-9A-Z]{8}");
        assertThat(realm.event("LOGIN_ERROR").detail("error_reference")).isEqualTo(reference);
        assertThat(keycloak.log().contains(reference)).isTrue();
    }
}
