// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Names that a database may take for equal, and that are not. MariaDB and MySQL do by their usual collations ({@code
 * -Dkeycloak.db=mariadb}); others tell them apart by themselves.
 */
@ExtendWith(KeycloakExtension.class)
class LookalikesIT {

    private static final boolean LOOKS_ALIKE_TO_THE_DATABASE =
            Set.of("mariadb", "mysql").contains(System.getProperty("keycloak.db", ""));

    private static TestRealm realm;
    private static AdminApi admin;
    private static FakeProvider provider;

    @BeforeAll
    static void backend(TestRealm testRealm, FakeProvider fakeProvider, AdminApi adminApi) {
        realm = testRealm;
        admin = adminApi;
        provider = fakeProvider;
        realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
    }

    static Stream<Arguments> lookalikes() {
        return Stream.of(
                Arguments.of("bob", "BOB"),
                Arguments.of("muller", "m\u00FCller"),
                Arguments.of("cafe\u0301", "caf\u00E9"),
                Arguments.of("strasse", "stra\u00DFe"),
                Arguments.of("trail", "trail "),
                Arguments.of("wide", "\uFF57\uFF49\uFF44\uFF45"));
    }

    @ParameterizedTest
    @MethodSource("lookalikes")
    void subjectThatOnlyLooksTheSameSignsInNobodyElse(String one, String other) {
        String prefix = UUID.randomUUID().toString();
        Person first = Person.unknown().withSubject(prefix + one);
        Person second = Person.unknown().withSubject(prefix + other);
        String firstUser = user(convert(first));
        realm.clearEvents();

        Answer answer = convert(second);

        if (LOOKS_ALIKE_TO_THE_DATABASE) {
            assertThat(answer.expect(400).error()).isEqualTo("invalid_grant");
            assertThat(realm.event("LOGIN_ERROR").detail("reason")).isEqualTo("identity_lookalike");
        } else {
            assertThat(user(answer)).isNotEqualTo(firstUser);
        }
        assertThat(user(convert(first))).isEqualTo(firstUser);
    }

    @ParameterizedTest
    @MethodSource("lookalikes")
    void eachSignsInAsItselfWhereBothAreStored(String one, String other) {
        String prefix = UUID.randomUUID().toString();
        Person first = Person.unknown().withSubject(prefix + one);
        Person second = Person.unknown().withSubject(prefix + other);
        String firstUser = user(convert(first));
        realm.addUser(second);
        admin.addFederatedIdentity(realm.name(), second.username(), "social", second);

        assertThat(user(convert(second)))
                .isEqualTo(
                        admin.user(realm.name(), second.username()).path("id").asText());
        assertThat(user(convert(first))).isEqualTo(firstUser);
    }

    @ParameterizedTest
    @MethodSource("lookalikes")
    void subjectThatOnlyLooksTheSameIsNeitherConnectedNorDisconnected(String one, String other) {
        String prefix = UUID.randomUUID().toString();
        Person owner = realm.newUser();
        String bearer = signIn(owner);
        connect(bearer, provider.idToken(owner).subject(prefix + one).mint()).expect(204);

        Answer disconnected = realm.call("/auth/disconnect-backend")
                .bearer(bearer)
                .param("backend", "social")
                .param("association_id", prefix + other)
                .post();
        Answer connected = connect(
                signIn(realm.newUser()),
                provider.idToken(Person.unknown()).subject(prefix + other).mint());

        assertThat(disconnected.expect(400).error()).isEqualTo("invalid_request");
        if (LOOKS_ALIKE_TO_THE_DATABASE) {
            assertThat(connected.expect(400).error()).isEqualTo("invalid_request");
        } else {
            connected.expect(204);
        }
        assertThat(admin.federatedIdentities(realm.name(), owner.username())).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SOCIAL", "soci\u00E1l", "social "})
    void backendGoesByItsVeryName(String name) {
        String bearer = signIn(realm.newUser());

        assertThat(realm.convert(name, provider.idToken(Person.unknown()).mint())
                        .expect(400)
                        .error())
                .isEqualTo("invalid_request");
        for (String endpoint : List.of("connect-backend", "disconnect-backend")) {
            assertThat(realm.call("/auth/" + endpoint)
                            .bearer(bearer)
                            .param("backend", name)
                            .param("token", "x")
                            .post()
                            .expect(400)
                            .errorDescription())
                    .isEqualTo("Unknown backend");
        }
    }

    @Test
    void clientGoesByItsVeryId() {
        Person user = realm.newUser();
        String bearer = signIn(user);
        String userId = admin.user(realm.name(), user.username()).path("id").asText();

        for (String endpoint : List.of("invalidate-sessions", "invalidate-refresh-tokens")) {
            assertThat(realm.call("/auth/" + endpoint)
                            .bearer(bearer)
                            .param("client_id", "APP")
                            .post()
                            .expect(400)
                            .errorDescription())
                    .isEqualTo("Unknown client");
            admin.call(realm.name() + "/auth/users/" + userId + "/" + endpoint)
                    .param("client_id", "APP")
                    .post()
                    .expect(400);
        }
        assertThat(admin.sessions(realm.name(), user.username())).hasSize(1);
    }

    private static Answer convert(Person person) {
        return realm.convert("social", provider.idToken(person).mint());
    }

    private static Answer connect(String bearer, String token) {
        return realm.call("/auth/connect-backend")
                .bearer(bearer)
                .param("backend", "social")
                .param("token", token)
                .post();
    }

    private static String signIn(Person person) {
        return realm.signIn(TestRealm.APP, person).accessToken();
    }

    private static String user(Answer answer) {
        return answer.expect(200).accessTokenClaims().path("sub").asText();
    }
}
