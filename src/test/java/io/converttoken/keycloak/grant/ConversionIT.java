// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A token that is ours becomes the realm's own, in every dialect. */
@ExtendWith(KeycloakExtension.class)
class ConversionIT {

    private static TestRealm realm;
    private static FakeProvider provider;
    private static AdminApi admin;

    @BeforeAll
    static void backend(TestRealm testRealm, FakeProvider fakeProvider, AdminApi adminApi) {
        realm = testRealm;
        provider = fakeProvider;
        admin = adminApi;
        realm.addOidcProvider("social", provider, Map.of("trustEmail", "true"))
                .addConvertTokenMapper(
                        "social", Map.of("allowedClients", "app\nmobile", "backendNames", "social-oauth2"))
                .addOAuth2Provider("opaque", provider, Map.of("trustEmail", "true"))
                .addConvertTokenMapper("opaque", Map.of("allowedClients", "*"))
                .addKeycloakOidcProvider("partner", provider, Map.of("trustEmail", "true"))
                .addConvertTokenMapper("partner", Map.of("allowedClients", "*"));
    }

    /** The ways of asking for a conversion. */
    enum Dialect {
        TOKEN_ENDPOINT {
            @Override
            Answer convert(TestClient client, String backend, String token, Map<String, String> more) {
                return own(realm.tokenEndpoint().as(client), backend, token, more)
                        .param("grant_type", "convert_token")
                        .post();
            }
        },
        CONVERT_TOKEN_ENDPOINT {
            @Override
            Answer convert(TestClient client, String backend, String token, Map<String, String> more) {
                return own(realm.convertTokenEndpoint().as(client), backend, token, more)
                        .post();
            }
        },
        CONVERT_TOKEN_ENDPOINT_WITH_SLASH {
            @Override
            Answer convert(TestClient client, String backend, String token, Map<String, String> more) {
                return own(realm.call("/auth/convert-token/").as(client), backend, token, more)
                        .param("grant_type", "convert_token")
                        .post();
            }
        },
        JSON {
            @Override
            Answer convert(TestClient client, String backend, String token, Map<String, String> more) {
                Call call = realm.convertTokenEndpoint().param("client_id", client.clientId());
                client.secret().ifPresent(secret -> call.param("client_secret", secret));
                return own(call, backend, token, more).postJson();
            }
        },
        JSON_AT_TOKEN {
            @Override
            Answer convert(TestClient client, String backend, String token, Map<String, String> more) {
                return own(realm.call("/auth/token").as(client), backend, token, more)
                        .param("grant_type", "convert_token")
                        .postJson();
            }
        },
        TOKEN_EXCHANGE {
            @Override
            Answer convert(TestClient client, String backend, String token, Map<String, String> more) {
                return realm.tokenEndpoint()
                        .as(client)
                        .param("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                        .param("subject_issuer", backend)
                        .param("subject_token", token)
                        .param("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")
                        .params(more)
                        .post();
            }
        };

        abstract Answer convert(TestClient client, String backend, String token, Map<String, String> more);

        private static Call own(Call call, String backend, String token, Map<String, String> more) {
            return call.param("backend", backend).param("token", token).params(more);
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void firstConversionCreatesTheUserAndSignsIn(Dialect dialect) {
        Person person = Person.unknown();
        realm.clearEvents();

        Answer answer = dialect.convert(
                TestRealm.APP, "social", provider.idToken(person).mint(), Map.of("scope", "openid profile email"));

        assertThat(answer.expect(200).json().path("is_new_user").asBoolean()).isTrue();
        assertThat(answer.header("Cache-Control")).hasValue("no-store");
        JsonNode user = answer.json().path("user");
        assertThat(user.path("email").asText()).isEqualTo(person.email());
        assertThat(user.path("first_name").asText()).isEqualTo(person.givenName());
        assertThat(user.path("last_name").asText()).isEqualTo(person.familyName());
        assertThat(answer.idTokenClaims().path("email").asText()).isEqualTo(person.email());
        assertThat(answer.accessTokenClaims().path("azp").asText()).isEqualTo("app");
        assertThat(realm.userInfo(answer.accessToken()).status()).isEqualTo(200);
        assertThat(realm.refresh(TestRealm.APP, answer.refreshToken()).status()).isEqualTo(200);
        assertThat(admin.sessions(realm.name(), person.username())).hasSize(1);
        assertThat(admin.federatedIdentities(realm.name(), person.username()))
                .singleElement()
                .satisfies(link -> assertThat(link.path("userId").asText()).isEqualTo(person.subject()));
    }

    @Test
    void eventsTellOfLoginAndRegistration() {
        Person person = Person.unknown();
        realm.clearEvents();

        Answer answer = convert("social", provider.idToken(person).mint());

        UserEvent login = realm.event("LOGIN");
        assertThat(login.clientId()).isEqualTo("app");
        assertThat(login.detail("auth_method")).isEqualTo("convert_token");
        assertThat(login.detail("grant_type")).isEqualTo("convert_token");
        assertThat(login.detail("identity_provider")).isEqualTo("social");
        assertThat(login.detail("identity_provider_identity")).isEqualTo(person.username());
        assertThat(answer.accessTokenClaims().path("sub").asText()).isEqualTo(login.userId());
        UserEvent register = realm.event("REGISTER");
        assertThat(register.userId()).isEqualTo(login.userId());
        assertThat(register.detail("register_method")).isEqualTo("broker");
        assertThat(register.detail("identity_provider")).isEqualTo("social");
    }

    @Test
    void secondConversionFindsTheSameUser() {
        Person person = Person.unknown();
        Answer first = convert("social", provider.idToken(person).mint());
        int users = realm.userCount();
        realm.clearEvents();

        Answer second = convert("social", provider.idToken(person).mint());

        assertThat(second.expect(200).json().path("is_new_user").asBoolean(true))
                .isFalse();
        assertThat(second.accessTokenClaims().path("sub"))
                .isEqualTo(first.accessTokenClaims().path("sub"));
        assertThat(realm.userCount()).isEqualTo(users);
        assertThat(realm.events().stream().map(UserEvent::type)).doesNotContain("REGISTER");
    }

    @Test
    void federatedIdentityDecidesNotTheEmailAddress() {
        Person person = Person.unknown();
        Answer first = convert("social", provider.idToken(person).mint());

        Answer renamed = convert(
                "social",
                provider.idToken(person.withEmail("other-" + person.email())).mint());

        assertThat(renamed.expect(200).accessTokenClaims().path("sub"))
                .isEqualTo(first.accessTokenClaims().path("sub"));
    }

    static Stream<org.junit.jupiter.params.provider.Arguments> acceptedTokens() {
        return Stream.of(
                of("social", "ID token", person -> provider.idToken(person).mint()),
                of(
                        "social",
                        "ID token that names us as authorized party",
                        person -> provider.idToken(person)
                                .azp(FakeProvider.CLIENT_ID)
                                .mint()),
                of(
                        "social",
                        "ID token with elliptic curve key",
                        person -> provider.idToken(person)
                                .signedBy(provider.ecKey())
                                .mint()),
                of(
                        "social",
                        "JWT access token",
                        person -> provider.accessToken(person).mint()),
                of(
                        "social",
                        "opaque access token",
                        person -> provider.opaqueToken(person).mint()),
                of(
                        "partner",
                        "ID token",
                        person -> provider.idToken(person).claim("typ", "ID").mint()),
                of(
                        "partner",
                        "Keycloak access token",
                        person -> provider.keycloakAccessToken(person).mint()),
                of(
                        "opaque",
                        "opaque access token",
                        person -> provider.opaqueToken(person).mint()),
                of(
                        "opaque",
                        "opaque access token meant for us",
                        person -> provider.opaqueToken(person)
                                .introspectsNo("client_id")
                                .audience("https://api.example", FakeProvider.CLIENT_ID)
                                .mint()));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @org.junit.jupiter.params.provider.MethodSource("acceptedTokens")
    void everyKindOfTokenThatIsOursConverts(
            String backend, String kind, java.util.function.Function<Person, String> token) {
        Person person = Person.unknown();

        Answer answer = convert(backend, token.apply(person));

        assertThat(answer.expect(200).json().path("user").path("email").asText())
                .isEqualTo(person.email());
        assertThat(admin.federatedIdentities(realm.name(), person.username()))
                .singleElement()
                .satisfies(link -> assertThat(link.path("userId").asText()).isEqualTo(person.subject()));
    }

    @Test
    void idTokenOfOneOfOurOtherClientsConvertsWhereItIsListed() {
        String token = provider.idToken(Person.unknown())
                .audience("our-ios-app")
                .azp("our-ios-app")
                .mint();
        assertThat(convert("partner", token).error()).isEqualTo("invalid_grant");

        realm.replaceConvertTokenMapper(
                "partner", Map.of("allowedClients", "*", "acceptedAudiences", "our-android-app\nour-ios-app"));

        assertThat(convert("partner", token).status()).isEqualTo(200);
        assertThat(convert(
                                "partner",
                                provider.idToken(Person.unknown())
                                        .azp("our-android-app")
                                        .mint())
                        .status())
                .isEqualTo(200);
        realm.replaceConvertTokenMapper("partner", Map.of("allowedClients", "*"));
    }

    @Test
    void idTokenAsksTheProviderForNothingOnceItsKeysAreKnown() {
        convert("social", provider.idToken(Person.unknown()).mint()).expect(200);
        provider.reset();

        convert("social", provider.idToken(Person.unknown()).mint()).expect(200);

        assertThat(provider.jwks().requestCount()
                        + provider.userInfo().requestCount()
                        + provider.introspection().requestCount())
                .isZero();
    }

    @Test
    void keyRotationAtTheProviderIsFollowed() {
        convert("social", provider.idToken(Person.unknown()).mint()).expect(200);
        provider.rotate();

        // core reloads keys for an unknown kid at most every ten seconds
        io.converttoken.keycloak.testing.Await.until(
                "conversion by the new key",
                java.time.Duration.ofSeconds(30),
                () -> convert("social", provider.idToken(Person.unknown()).mint())
                                .status()
                        == 200);
    }

    @Test
    void publicClientConvertsToo() {
        Answer answer = Dialect.CONVERT_TOKEN_ENDPOINT.convert(
                TestRealm.MOBILE,
                "social-oauth2",
                provider.idToken(Person.unknown()).mint(),
                Map.of());

        assertThat(answer.expect(200).accessTokenClaims().path("azp").asText()).isEqualTo("mobile");
    }

    @Test
    void scopeDecidesWhatIsToldOfTheUser() {
        realm.addConfidentialClient(
                "bare", Map.of("defaultClientScopes", List.of("basic"), "optionalClientScopes", List.of("email")));
        realm.replaceConvertTokenMapper("opaque", Map.of("allowedClients", "*"));
        TestClient bare = TestClient.confidential("bare", "bare-secret");
        Person person = Person.unknown();

        Answer nothing = Dialect.TOKEN_ENDPOINT.convert(
                bare, "opaque", provider.opaqueToken(person).mint(), Map.of());
        Answer email = Dialect.TOKEN_ENDPOINT.convert(
                bare, "opaque", provider.opaqueToken(person).mint(), Map.of("scope", "email"));
        Answer unknown = Dialect.TOKEN_ENDPOINT.convert(
                bare, "opaque", provider.opaqueToken(person).mint(), Map.of("scope", "phone"));

        assertThat(nothing.expect(200).json().path("user").size()).isZero();
        assertThat(nothing.json().has("id_token")).isFalse();
        assertThat(email.expect(200).json().path("user").size()).isEqualTo(1);
        assertThat(email.json().path("user").path("email").asText()).isEqualTo(person.email());
        assertThat(unknown.expect(400).error()).isEqualTo("invalid_scope");
    }

    @Test
    void offlineAccessGivesAnOfflineTokenAndNoOnlineSession() {
        Person person = Person.unknown();

        Answer answer = Dialect.TOKEN_ENDPOINT.convert(
                TestRealm.APP, "social", provider.idToken(person).mint(), Map.of("scope", "openid offline_access"));

        assertThat(answer.expect(200).refreshTokenClaims().path("typ").asText()).isEqualTo("Offline");
        assertThat(admin.offlineSessions(realm.name(), person.username(), "app"))
                .hasSize(1);
        assertThat(admin.sessions(realm.name(), person.username())).isEmpty();
        assertThat(realm.refresh(TestRealm.APP, answer.refreshToken()).status()).isEqualTo(200);
    }

    @Test
    void tokenExchangeAnswersInItsOwnForm() {
        Answer answer = Dialect.TOKEN_EXCHANGE.convert(
                TestRealm.MOBILE, "social", provider.idToken(Person.unknown()).mint(), Map.of());

        assertThat(answer.expect(200).json().path("issued_token_type").asText())
                .isEqualTo("urn:ietf:params:oauth:token-type:access_token");
        assertThat(answer.refreshToken()).isNotEmpty();
    }

    @Test
    void discoveryListsTheGrant() {
        JsonNode discovery =
                realm.call("/.well-known/openid-configuration").get().json();

        assertThat(discovery.path("grant_types_supported").valueStream().map(JsonNode::asText))
                .contains("convert_token");
    }

    private static Answer convert(String backend, String token) {
        return Dialect.CONVERT_TOKEN_ENDPOINT.convert(TestRealm.APP, backend, token, Map.of());
    }

    private static org.junit.jupiter.params.provider.Arguments of(
            String backend, String kind, java.util.function.Function<Person, String> token) {
        return org.junit.jupiter.params.provider.Arguments.of(backend, kind, token);
    }
}
