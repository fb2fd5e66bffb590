// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Explained;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import io.converttoken.keycloak.verification.TokenAttacks.Attack;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every token that is not genuine, not valid now or not ours is refused, and leaves no trace but the event. */
@ExtendWith(KeycloakExtension.class)
class RefusedTokensIT {

    private static TestRealm realm;
    private static FakeProvider provider;
    private static KeycloakServer keycloak;
    private static TokenAttacks attacks;

    @BeforeAll
    static void backends(TestRealm testRealm, FakeProvider fakeProvider, KeycloakServer server) {
        realm = testRealm;
        provider = fakeProvider;
        keycloak = server;
        attacks = new TokenAttacks(provider, realm);
        Map<String, String> everyone = Map.of("allowedClients", "*");
        realm.addOidcProvider("social", provider)
                .addConvertTokenMapper("social", everyone)
                .addOAuth2Provider("opaque", provider, Map.of())
                .addConvertTokenMapper("opaque", everyone)
                .addOAuth2Provider("unbound", provider, Map.of("tokenIntrospectionUrl", ""))
                .addConvertTokenMapper("unbound", everyone)
                .addOidcProvider(
                        "nokeys",
                        provider,
                        Map.of("useJwksUrl", "false", "validateSignature", "false", "tokenIntrospectionUrl", ""))
                .addConvertTokenMapper("nokeys", everyone)
                .addOidcProvider(
                        "nokeys-introspected", provider, Map.of("useJwksUrl", "false", "validateSignature", "false"))
                .addConvertTokenMapper("nokeys-introspected", everyone)
                .addOidcProvider("noprofile", provider, Map.of("disableUserInfo", "true"))
                .addConvertTokenMapper("noprofile", everyone)
                .addOidcProvider("noissuer", provider, Map.of("issuer", ""))
                .addConvertTokenMapper("noissuer", everyone)
                .addOidcProvider(
                        "filtered",
                        provider,
                        Map.of(
                                "filteredByClaim", "true",
                                "claimFilterName", "department",
                                "claimFilterValue", "engineering"))
                .addConvertTokenMapper("filtered", everyone)
                .addOidcProvider(
                        "pem",
                        provider,
                        Map.of("useJwksUrl", "false", "publicKeySignatureVerifier", provider.publicKeyPem()))
                .addConvertTokenMapper("pem", everyone)
                .addIdentityProvider(
                        "saml", "saml", Map.of("singleSignOnServiceUrl", "http://saml.example/sso"), Map.of())
                .addConvertTokenMapper("saml", everyone);
    }

    static Stream<Attack> idTokens() {
        return attacks.idTokens();
    }

    static Stream<Attack> accessTokens() {
        return attacks.accessTokens();
    }

    static Stream<Attack> nonsense() {
        return attacks.nonsense();
    }

    static Stream<Attack> otherBackends() {
        return attacks.otherBackends();
    }

    @ParameterizedTest(name = "ID token {0}")
    @MethodSource("idTokens")
    void idTokenIsRefused(Attack attack) {
        assertRefused(attack);
    }

    @ParameterizedTest(name = "access token {0}")
    @MethodSource("accessTokens")
    void accessTokenIsRefused(Attack attack) {
        assertRefused(attack);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nonsense")
    void nonsenseIsRefused(Attack attack) {
        assertRefused(attack);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("otherBackends")
    void otherBackendsRefuseToo(Attack attack) {
        assertRefused(attack);
    }

    @Test
    void staticKeyVerifies() {
        assertThat(realm.convert("pem", provider.idToken(Person.unknown()).mint())
                        .status())
                .isEqualTo(200);
    }

    @Test
    void claimFilterLetsThePersonThrough() {
        String token = provider.idToken(Person.unknown())
                .claim("department", "engineering")
                .mint();

        assertThat(realm.convert("filtered", token).status()).isEqualTo(200);
    }

    @Test
    void tooLongATokenIsAnInvalidRequest() {
        Answer answer = realm.convert("social", "eyJ" + "a".repeat(100_000) + ".e30.x");

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
    }

    private static void assertRefused(Attack attack) {
        String token = attack.token();
        int users = realm.userCount();
        realm.clearEvents();

        Answer answer = realm.convert(attack.backend(), token);

        assertThat(answer.expect(400).error()).isEqualTo("invalid_grant");
        assertThat(answer.errorDescription()).isEqualTo("Token is not valid, or was not issued to this application");
        UserEvent event = realm.event("LOGIN_ERROR");
        assertThat(event.detail("reason")).isEqualTo(attack.refusal().code());
        assertThat(event.error()).isEqualTo("invalid_token");
        assertThat(event.detail("identity_provider")).isEqualTo(attack.backend());
        assertThat(event.detail("auth_method")).isEqualTo("convert_token");
        assertThat(realm.userCount()).isEqualTo(users);
        assertNotLogged(token);
        Explained.of(realm, attack.backend(), token).refusesFor(attack.refusal().code(), token);
    }

    private static void assertNotLogged(String token) {
        String log = keycloak.log();
        Stream.of(token.split("[.\\s]"))
                .filter(part -> part.length() > 24)
                .forEach(part -> assertThat(log.contains(part)).isFalse());
    }
}
