// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A realm of a real Keycloak as the provider, as it comes: whoever has an application there, or an account, tries to sign in
 * here as somebody else.
 */
@ExtendWith(KeycloakExtension.class)
class KeycloakAsProviderIT {

    private static final Person BOB = Person.named("bob");

    private static TestRealm company;

    @AutoClose
    private static TestRealm provider;

    private static TestClient evil;

    @BeforeAll
    static void realms(TestRealm testRealm, KeycloakServer server, AdminApi admin) {
        company = testRealm;
        provider = TestRealm.createIn(server);
        provider.addUser(BOB).updateClient(TestRealm.APP, Map.of("serviceAccountsEnabled", true));
        evil = provider.addConfidentialClient("evil", Map.of("serviceAccountsEnabled", true));
        giveARoleOfOurs(admin, "bob");
        String endpoints = provider.uri("/protocol/openid-connect").toString();
        company.addIdentityProvider(
                        "provider",
                        "keycloak-oidc",
                        Map.of(
                                "clientId",
                                TestRealm.APP.clientId(),
                                "clientSecret",
                                TestRealm.APP.secret().orElseThrow(),
                                "issuer",
                                provider.issuer(),
                                "useJwksUrl",
                                "true",
                                "validateSignature",
                                "true",
                                "jwksUrl",
                                endpoints + "/certs",
                                "authorizationUrl",
                                endpoints + "/auth",
                                "tokenUrl",
                                endpoints + "/token",
                                "userInfoUrl",
                                endpoints + "/userinfo",
                                "tokenIntrospectionUrl",
                                endpoints + "/token/introspect"),
                        Map.of("trustEmail", "true"))
                .addConvertTokenMapper("provider", Map.of("allowedClients", "*"));
    }

    /** By this Keycloak puts our client into the audience of every client's tokens of that person. */
    private static void giveARoleOfOurs(AdminApi admin, String username) {
        String client = provider.name() + "/clients/"
                + admin.client(provider.name(), TestRealm.APP.clientId())
                        .path("id")
                        .asText();
        admin.post(client + "/roles", Map.of("name", "customer"));
        admin.addClientRole(provider.name(), username, TestRealm.APP.clientId(), "customer");
    }

    @Test
    void tokensOfOursSignInAsTheSamePerson() {
        Answer tokens = signIn(TestRealm.APP, BOB);

        String byIdToken = user(convert(tokens.idToken()));

        assertThat(user(convert(tokens.accessToken()))).isEqualTo(byIdToken);
        assertThat(company.admin().user(company.name(), "bob").path("id").asText())
                .isEqualTo(byIdToken);
    }

    static Stream<Arguments> attacks() {
        return Stream.of(
                attack(
                        "another application's access token, with our audience",
                        ReasonCode.AUDIENCE_MISMATCH,
                        () -> signIn(evil, BOB).accessToken()),
                attack(
                        "another application's ID token",
                        ReasonCode.AUDIENCE_MISMATCH,
                        () -> signIn(evil, BOB).idToken()),
                attack(
                        "our refresh token",
                        ReasonCode.TOKEN_KIND_UNSUPPORTED,
                        () -> signIn(TestRealm.APP, BOB).refreshToken()),
                attack(
                        "our service account's access token",
                        ReasonCode.NOT_A_PERSON,
                        () -> ofServiceAccount(TestRealm.APP)),
                attack(
                        "another application's service account's access token",
                        ReasonCode.AUDIENCE_MISMATCH,
                        () -> ofServiceAccount(evil)),
                attack("an access token whose session has ended there", ReasonCode.TOKEN_INACTIVE, () -> {
                    String token = signIn(TestRealm.APP, BOB).accessToken();
                    provider.admin().logout(provider.name(), "bob");
                    return token;
                }),
                attack(
                        "an access token that opens no profile",
                        ReasonCode.PROFILE_MISSING,
                        () -> provider.tokenEndpoint()
                                .as(TestRealm.APP)
                                .param("grant_type", "password")
                                .param("username", "bob")
                                .param("password", "bob")
                                .post()
                                .expect(200)
                                .accessToken()),
                attack(
                        "a token of our own realm",
                        ReasonCode.ISSUER_MISMATCH,
                        () -> company.signInAlice(TestRealm.APP).expect(200).idToken()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void attackIsRefused(String what, ReasonCode refusal, Supplier<String> token) {
        String attempt = token.get();
        int users = company.userCount();
        company.clearEvents();

        assertThat(convert(attempt).expect(400).error()).isEqualTo("invalid_grant");

        assertThat(company.event("LOGIN_ERROR").detail("reason")).isEqualTo(refusal.code());
        assertThat(company.userCount()).isEqualTo(users);
    }

    /** Alice of the company has the user name and the verified address of Alice at the provider, and is not linked to her. */
    @Test
    void nameAndAddressOfSomebodyHereOpenNoAccount() {
        provider.admin().updateUser(provider.name(), "alice", Map.of("emailVerified", true));
        Answer tokens = signIn(TestRealm.APP, TestRealm.ALICE);

        for (String token : List.of(tokens.idToken(), tokens.accessToken())) {
            assertThat(convert(token).expect(400).error()).isEqualTo("interaction_required");
        }
        assertThat(company.admin().federatedIdentities(company.name(), "alice")).isEmpty();
    }

    /** Who renames themselves at the provider stays who they are here. */
    @Test
    void renamedPersonStaysTheSame() {
        Person carol = Person.unknown();
        provider.addUser(carol);
        String before = user(convert(signIn(TestRealm.APP, carol).idToken()));

        provider.admin().updateRealm(provider.name(), Map.of("editUsernameAllowed", true));
        provider.admin()
                .updateUser(
                        provider.name(), carol.username(), Map.of("username", "bob2", "email", "bob2@evil.example"));

        Answer renamed =
                provider.signIn(TestRealm.APP, "bob2", carol.username()).expect(200);
        assertThat(user(convert(renamed.idToken()))).isEqualTo(before);
    }

    private static Answer signIn(TestClient client, Person person) {
        return provider.signIn(client, person);
    }

    private static String ofServiceAccount(TestClient client) {
        return provider.tokenEndpoint()
                .as(client)
                .param("grant_type", "client_credentials")
                .param("scope", "openid")
                .post()
                .expect(200)
                .accessToken();
    }

    private static Answer convert(String token) {
        return company.convertTokenEndpoint()
                .as(TestRealm.MOBILE)
                .param("backend", "provider")
                .param("token", token)
                .post();
    }

    private static String user(Answer answer) {
        return answer.expect(200).accessTokenClaims().path("sub").asText();
    }

    private static Arguments attack(String what, ReasonCode refusal, Supplier<String> token) {
        return Arguments.of(what, refusal, token);
    }
}
