// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.AtOnce;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connecting an identity to one's account, and disconnecting it. */
@ExtendWith(KeycloakExtension.class)
class ConnectionsIT {

    private static final TestClient NARROW = TestClient.confidential("narrow", "narrow-secret");

    private static TestRealm realm;
    private static AdminApi admin;
    private static FakeProvider provider;

    @BeforeAll
    static void backends(TestRealm testRealm, FakeProvider fakeProvider, AdminApi adminApi) {
        realm = testRealm;
        admin = adminApi;
        provider = fakeProvider;
        realm.addConfidentialClient("narrow", Map.of("fullScopeAllowed", false));
        realm.addConfidentialClient("foreign", Map.of());
        realm.addOidcProvider("social", provider)
                .addConvertTokenMapper(
                        "social", Map.of("allowedClients", "app\nmobile\nnarrow", "backendNames", "google-oauth2"))
                .addOAuth2Provider("second", provider, Map.of("linkOnly", "true"))
                .addConvertTokenMapper("second", Map.of("allowedClients", "*"));
    }

    @Test
    void connectedIdentitySignsIn() {
        Person alice = realm.newUser();
        Person identity = Person.unknown();
        realm.clearEvents();

        Answer answer =
                connect(signIn(alice), "social", provider.idToken(identity).mint());

        assertThat(answer.expect(204).text()).isEmpty();
        assertThat(answer.header("Cache-Control")).contains("no-store");
        UserEvent event = realm.event("FEDERATED_IDENTITY_LINK");
        assertThat(event.detail("identity_provider")).isEqualTo("social");
        assertThat(event.detail("identity_provider_identity")).isEqualTo(identity.username());
        assertThat(event.clientId()).isEqualTo("app");
        assertThat(convert(identity)
                        .expect(200)
                        .accessTokenClaims()
                        .path("preferred_username")
                        .asText())
                .isEqualTo(alice.username());
    }

    @Test
    void bodyMayBeJsonAndTheBackendMayGoByAnotherName() {
        Person alice = realm.newUser();

        realm.call("/auth/connect-backend/")
                .bearer(signIn(alice))
                .json(Map.of(
                        "backend",
                        "google-oauth2",
                        "token",
                        provider.idToken(Person.unknown()).mint()))
                .post()
                .expect(204);

        assertThat(admin.federatedIdentities(realm.name(), alice.username())).hasSize(1);
    }

    @Test
    void connectingAgainChangesNothing() {
        Person alice = realm.newUser();
        Person identity = Person.unknown();
        connect(signIn(alice), "social", provider.idToken(identity).mint()).expect(204);

        connect(signIn(alice), "social", provider.idToken(identity).mint()).expect(204);

        assertThat(admin.federatedIdentities(realm.name(), alice.username())).hasSize(1);
    }

    @Test
    void identityProviderThatOnlyLinksLinks() {
        Person alice = realm.newUser();

        connect(signIn(alice), "second", provider.opaqueToken(Person.unknown()).mint())
                .expect(204);

        assertThat(admin.federatedIdentities(realm.name(), alice.username())).hasSize(1);
    }

    @Test
    void identityOfAnotherUserIsRefused() {
        Person identity = Person.unknown();
        convert(identity).expect(200);
        Person alice = realm.newUser();

        assertRefused(
                connect(signIn(alice), "social", provider.idToken(identity).mint()),
                "FEDERATED_IDENTITY_LINK_ERROR",
                "invalid_request");

        assertThat(admin.federatedIdentities(realm.name(), alice.username())).isEmpty();
    }

    @Test
    void secondIdentityOfOneBackendIsRefused() {
        Person alice = realm.newUser();
        connect(signIn(alice), "social", provider.idToken(Person.unknown()).mint())
                .expect(204);

        assertRefused(
                connect(
                        signIn(alice),
                        "social",
                        provider.idToken(Person.unknown()).mint()),
                "FEDERATED_IDENTITY_LINK_ERROR",
                "invalid_request");
    }

    @Test
    void tokenIsProvenAsForAConversion() {
        String bearer = signIn(realm.newUser());

        assertRefused(
                connect(
                        bearer,
                        "social",
                        provider.idToken(Person.unknown())
                                .audience(FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                "FEDERATED_IDENTITY_LINK_ERROR",
                "invalid_grant");
        assertRefused(
                connectCall(bearer, "social", provider.idToken(Person.unknown()).mint())
                        .param("nonce", "another")
                        .post(),
                "FEDERATED_IDENTITY_LINK_ERROR",
                "invalid_grant");
        assertRefused(
                connectCall(bearer, "social", provider.idToken(Person.unknown()).mint())
                        .param("token_type", "access_token")
                        .post(),
                "FEDERATED_IDENTITY_LINK_ERROR",
                "invalid_grant");
    }

    @Test
    void providerThatIsDownIsNoVerdictOnTheToken() {
        String bearer = signIn(realm.newUser());
        String token = provider.opaqueToken(Person.unknown()).mint();
        provider.introspection().answersStatus(500);

        Answer answer = connect(bearer, "social", token);

        assertThat(answer.expect(503).error()).isEqualTo("temporarily_unavailable");
        assertThat(answer.header("Retry-After")).isPresent();
    }

    @Test
    void clientMustBeAllowed() {
        Person alice = realm.newUser();
        String bearer = realm.signIn(
                        TestClient.confidential("foreign", "foreign-secret"), alice.username(), alice.username())
                .expect(200)
                .accessToken();

        Answer answer =
                connect(bearer, "social", provider.idToken(Person.unknown()).mint());

        assertThat(answer.expect(400).error()).isEqualTo("unauthorized_client");
    }

    @ParameterizedTest
    @ValueSource(strings = {"backend", "token"})
    void parametersAreRequired(String missing) {
        String bearer = signIn(realm.newUser());
        Call call = realm.call("/auth/connect-backend").bearer(bearer);
        if (!missing.equals("backend")) {
            call.param("backend", "social");
        }
        if (!missing.equals("token")) {
            call.param("token", "x");
        }

        assertThat(call.post().expect(400).error()).isEqualTo("invalid_request");
        assertThat(connectCall(bearer, "social", "x")
                        .param(missing, "y")
                        .post()
                        .expect(400)
                        .error())
                .isEqualTo("invalid_request");
    }

    @Test
    void unknownBackendIsRefused() {
        String bearer = signIn(realm.newUser());

        assertThat(connect(bearer, "nobody", "x").expect(400).error()).isEqualTo("invalid_request");
        assertThat(disconnect(bearer, "nobody").expect(400).error()).isEqualTo("invalid_request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"connect-backend", "disconnect-backend"})
    void bearerTokenIsRequired(String endpoint) {
        Answer signedIn = realm.signIn(TestRealm.APP, "alice", "alice").expect(200);
        for (String bad : List.of("", "x", signedIn.refreshToken(), signedIn.idToken())) {
            Answer answer = realm.call("/auth/" + endpoint)
                    .bearer(bad)
                    .param("backend", "social")
                    .param("token", "x")
                    .post();

            assertThat(answer.expect(401).error()).isEqualTo("invalid_token");
            assertThat(answer.header("WWW-Authenticate"))
                    .hasValueSatisfying(value -> assertThat(value).startsWith("Bearer"));
        }
        realm.call("/auth/" + endpoint).param("backend", "social").post().expect(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"connect-backend", "disconnect-backend"})
    void tokenMustCarryTheRightOfTheAccountConsole(String endpoint) {
        Person alice = realm.newUser();
        String bearer = realm.signIn(NARROW, alice).accessToken();

        Answer answer = realm.call("/auth/" + endpoint)
                .bearer(bearer)
                .param("backend", "social")
                .param("token", "x")
                .post();

        assertThat(answer.expect(403).error()).isEqualTo("insufficient_scope");
        assertThat(answer.header("WWW-Authenticate"))
                .hasValueSatisfying(value -> assertThat(value).contains("insufficient_scope"));
    }

    @Test
    void disconnectedIdentitySignsNobodyInAndItsSessionsEnd() {
        Person alice = realm.newUser();
        Person identity = Person.unknown();
        connect(signIn(alice), "social", provider.idToken(identity).mint()).expect(204);
        Answer converted = convert(identity).expect(200);
        Answer offline = realm.conversion("social", provider.idToken(identity).mint())
                .param("scope", "openid offline_access")
                .post()
                .expect(200);
        Answer byPassword = realm.signIn(TestRealm.APP, alice);
        realm.clearEvents();

        disconnect(byPassword.accessToken(), "social").expect(204);

        assertThat(realm.event("REMOVE_FEDERATED_IDENTITY").detail("identity_provider"))
                .isEqualTo("social");
        assertThat(admin.federatedIdentities(realm.name(), alice.username())).isEmpty();
        realm.userInfo(converted.accessToken()).expect(401);
        realm.refresh(TestRealm.APP, converted.refreshToken()).expect(400);
        realm.refresh(TestRealm.APP, offline.refreshToken()).expect(400);
        realm.userInfo(byPassword.accessToken()).expect(200);
        realm.refresh(TestRealm.APP, byPassword.refreshToken()).expect(200);
    }

    @Test
    void callersOwnSessionEndsWhereItCameFromTheIdentity() {
        Person alice = realm.newUser();
        Person identity = Person.unknown();
        connect(signIn(alice), "social", provider.idToken(identity).mint()).expect(204);
        Answer converted = convert(identity).expect(200);

        disconnect(converted.accessToken(), "social").expect(204);

        realm.userInfo(converted.accessToken()).expect(401);
    }

    @Test
    void lastWayToSignInIsKept() {
        Person identity = Person.unknown();
        Answer converted = convert(identity).expect(200);

        assertRefused(
                disconnect(converted.accessToken(), "social"), "REMOVE_FEDERATED_IDENTITY_ERROR", "invalid_request");

        connect(
                        converted.accessToken(),
                        "second",
                        provider.opaqueToken(Person.unknown()).mint())
                .expect(204);
        disconnect(converted.accessToken(), "social").expect(204);
    }

    @Test
    void associationMustBeTheOneThatIsConnected() {
        Person alice = realm.newUser();
        Person identity = Person.unknown();
        String bearer = signIn(alice);
        connect(bearer, "social", provider.idToken(identity).mint()).expect(204);

        assertRefused(
                disconnectCall(bearer, "social")
                        .param("association_id", "another")
                        .post(),
                "REMOVE_FEDERATED_IDENTITY_ERROR",
                "invalid_request");
        disconnectCall(bearer, "social")
                .param("association_id", identity.subject())
                .post()
                .expect(204);
        assertRefused(disconnect(bearer, "social"), "REMOVE_FEDERATED_IDENTITY_ERROR", "invalid_request");
    }

    /** The admin's switch ends conversions; it must not keep people from taking an identity away. */
    @Test
    void backendThatIsSwitchedOffCanBeDisconnected() {
        Person alice = realm.newUser();
        String bearer = signIn(alice);
        connect(bearer, "social", provider.idToken(Person.unknown()).mint()).expect(204);
        realm.updateIdentityProvider("social", Map.of("enabled", "false"));
        try {
            assertThat(connect(bearer, "social", "x").expect(400).error()).isEqualTo("invalid_request");
            disconnect(bearer, "social").expect(204);
        } finally {
            realm.updateIdentityProvider("social", Map.of("enabled", "true"));
        }
    }

    /** No constraint of the database keeps two users from one identity. */
    @Test
    void ofManyUsersWhoConnectOneIdentityAtMostOneKeepsIt() throws Exception {
        Person identity = Person.unknown();
        List<Person> users =
                IntStream.range(0, 8).mapToObj(i -> realm.newUser()).toList();
        List<Callable<Answer>> calls = users.stream()
                .<Callable<Answer>>map(user -> {
                    String bearer = signIn(user);
                    String token = provider.idToken(identity).mint();
                    return () -> connect(bearer, "social", token);
                })
                .toList();
        int connected = 0;
        for (Answer answer : AtOnce.all(calls)) {
            assertThat(answer.status()).isIn(204, 400);
            connected += answer.status() == 204 ? 1 : 0;
        }
        long owners = users.stream()
                .filter(user -> !admin.federatedIdentities(realm.name(), user.username())
                        .isEmpty())
                .count();
        assertThat(owners).isEqualTo(connected).isLessThanOrEqualTo(1);
        assertThat(convert(identity).status()).isIn(200, 400);
    }

    /** Each of two could take the identity that the other one disconnects for another way to sign in. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void ofTwoWaysToSignInOneRemainsWhoeverDisconnectsAtOnce(int round) throws Exception {
        Person identity = Person.unknown();
        Answer converted = convert(identity).expect(200);
        connect(
                        converted.accessToken(),
                        "second",
                        provider.opaqueToken(Person.unknown()).mint())
                .expect(204);

        List<Answer> answers = AtOnce.all(List.of(
                () -> disconnect(converted.accessToken(), "social"),
                () -> disconnect(converted.accessToken(), "second")));

        assertThat(answers).filteredOn(answer -> answer.status() == 204).hasSize(1);
        assertThat(admin.federatedIdentities(realm.name(), identity.username())).hasSize(1);
    }

    /** A mapper may give the identity another id: whoever decides about it, decides about that one. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void identityThatAMapperRenamesHasOneOwner(int round) throws Exception {
        if (round == 1) {
            addRenamedBackend();
        }
        Person identity = Person.unknown();
        List<Person> users = List.of(realm.newUser(), realm.newUser(), realm.newUser());
        List<Callable<Answer>> calls = new ArrayList<>();
        for (Person user : users) {
            String bearer = signIn(user);
            calls.add(
                    () -> connect(bearer, "renamed", provider.idToken(identity).mint()));
            calls.add(() -> realm.convert("renamed", provider.idToken(identity).mint()));
        }

        AtOnce.all(calls).forEach(answer -> assertThat(answer.status()).isIn(200, 204, 400));

        long owners = Stream.concat(users.stream(), Stream.of(identity))
                .filter(user -> admin.findUser(realm.name(), user.username()).isPresent())
                .flatMap(user -> admin.federatedIdentities(realm.name(), user.username()).stream())
                .filter(link -> link.path("userId").asText().equals("renamed-" + identity.subject()))
                .count();
        assertThat(owners).isEqualTo(1);
    }

    private static void addRenamedBackend() {
        realm.addOidcProvider("renamed", provider).addConvertTokenMapper("renamed", Map.of("allowedClients", "*"));
        admin.createIdentityProviderMapper(
                realm.name(),
                "renamed",
                Map.of(
                        "name", "rename",
                        "identityProviderAlias", "renamed",
                        "identityProviderMapper", "oidc-username-idp-mapper",
                        "config",
                                Map.of(
                                        "syncMode", "INHERIT",
                                        "target", "BROKER_ID",
                                        "template", "${ALIAS}-${CLAIM.sub}")));
    }

    private static void assertRefused(Answer answer, String event, String error) {
        assertThat(answer.expect(400).error()).isEqualTo(error);
        assertThat(realm.event(event).detail("reason")).isNotEmpty();
    }

    private static String signIn(Person person) {
        return realm.signIn(TestRealm.APP, person).accessToken();
    }

    private static Answer connect(String bearer, String backend, String token) {
        return connectCall(bearer, backend, token).post();
    }

    private static Call connectCall(String bearer, String backend, String token) {
        return realm.call("/auth/connect-backend")
                .bearer(bearer)
                .param("backend", backend)
                .param("token", token);
    }

    private static Answer disconnect(String bearer, String backend) {
        return disconnectCall(bearer, backend).post();
    }

    private static Call disconnectCall(String bearer, String backend) {
        return realm.call("/auth/disconnect-backend").bearer(bearer).param("backend", backend);
    }

    private static Answer convert(Person person) {
        return realm.conversion("social", provider.idToken(person).mint())
                .param("scope", "openid")
                .post();
    }
}
