// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 8693 where it speaks of our backends, and Keycloak's own exchange where it does not. */
@ExtendWith(KeycloakExtension.class)
class TokenExchangeDialectIT {

    private static final String TYPE = "urn:ietf:params:oauth:token-type:";

    private static TestRealm realm;
    private static FakeProvider provider;

    @BeforeAll
    static void backend(TestRealm testRealm, FakeProvider fakeProvider) {
        realm = testRealm;
        provider = fakeProvider;
        realm.addOidcProvider("social", provider)
                .addConvertTokenMapper("social", Map.of("allowedClients", "app\nmobile"));
    }

    @ParameterizedTest
    @CsvSource({
        "audience, app",
        "actor_token, a",
        "requested_subject, alice",
        "requested_issuer, social",
        "requested_token_type, urn:ietf:params:oauth:token-type:saml2",
        "requested_token_type, urn:ietf:params:oauth:token-type:id_token"
    })
    void whatWeWouldHaveToIgnoreIsRefused(String name, String value) {
        Answer answer = exchange("id_token", provider.idToken(Person.unknown()).mint())
                .param(name, value)
                .post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
    }

    @ParameterizedTest
    @CsvSource({"id_token, 200", "jwt, 200", "access_token, 400", "saml2, 400", "refresh_token, 400"})
    void idTokenGoesByItsTypes(String type, int status) {
        Answer answer =
                exchange(type, provider.idToken(Person.unknown()).mint()).post();

        assertThat(answer.status()).isEqualTo(status);
    }

    @Test
    void typeIsRequired() {
        Answer answer = realm.tokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .param("subject_issuer", "social")
                .param("subject_token", provider.idToken(Person.unknown()).mint())
                .post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
        assertThat(answer.errorDescription()).isEqualTo("Missing parameter: subject_token_type");
    }

    @Test
    void tokenOfAnotherApplicationIsRefusedHereToo() {
        realm.clearEvents();

        Answer answer = exchange(
                        "id_token",
                        provider.idToken(Person.unknown())
                                .audience(FakeProvider.ANOTHER_CLIENT_ID)
                                .mint())
                .post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_grant");
        assertThat(realm.event("LOGIN_ERROR").detail("auth_method")).isEqualTo("convert_token");
    }

    @Test
    void clientThatIsNotListedIsRefusedHereToo() {
        TestClient stranger = realm.addPublicClient("stranger", Map.of());

        Answer answer = realm.exchange(
                        stranger, "social", provider.idToken(Person.unknown()).mint(), "id_token")
                .post();

        assertThat(answer.expect(400).error()).isEqualTo("unauthorized_client");
    }

    @Test
    void unknownIssuerIsLeftToKeycloak() {
        Answer answer = realm.exchange(
                        TestRealm.APP,
                        "nobody",
                        provider.idToken(Person.unknown()).mint(),
                        "id_token")
                .post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
        assertThat(answer.errorDescription())
                .isEqualTo("Parameter 'subject_issuer' is not supported for standard token exchange");
    }

    @Test
    void keycloaksOwnExchangeGoesOnWorking() {
        TestClient exchanging = realm.addConfidentialClient(
                "exchanging", Map.of("attributes", Map.of("standard.token.exchange.enabled", "true")));
        Answer tokens = realm.signInAlice(exchanging);

        Answer answer = realm.tokenEndpoint()
                .as(exchanging)
                .param("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .param("subject_token", tokens.accessToken())
                .param("subject_token_type", TYPE + "access_token")
                .post();

        assertThat(answer.expect(200).json().has("is_new_user")).isFalse();
    }

    /** python-keycloak's {@code exchange_token} does by default, and leaves out what has no value. */
    @Test
    void refreshTokenMayBeAskedFor() {
        Answer answer = exchange("id_token", provider.idToken(Person.unknown()).mint())
                .param("requested_token_type", TYPE + "refresh_token")
                .param("audience", "")
                .post();

        assertThat(answer.expect(200).json().path("issued_token_type").asText()).isEqualTo(TYPE + "refresh_token");
        assertThat(realm.refresh(TestRealm.APP, answer.refreshToken()).status()).isEqualTo(200);
    }

    @Test
    void clientWithoutRefreshTokensIsToldThatItGotAnAccessToken() {
        TestClient without =
                realm.addConfidentialClient("without", Map.of("attributes", Map.of("use.refresh.tokens", "false")));
        realm.replaceConvertTokenMapper("social", Map.of("allowedClients", "app\nmobile\nwithout"));

        Answer answer = exchangeBy(
                        without, "id_token", provider.idToken(Person.unknown()).mint())
                .param("requested_token_type", TYPE + "refresh_token")
                .post();

        assertThat(answer.expect(200).json().path("issued_token_type").asText()).isEqualTo(TYPE + "access_token");
        assertThat(answer.json().has("refresh_token")).isFalse();
    }

    private static Call exchange(String type, String token) {
        return exchangeBy(TestRealm.APP, type, token);
    }

    private static Call exchangeBy(TestClient client, String type, String token) {
        return realm.exchange(client, "social", token, type);
    }
}
