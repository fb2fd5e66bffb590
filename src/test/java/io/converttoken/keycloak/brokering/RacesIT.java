// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.AtOnce;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.DPoPProofs;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many callers at once: every answer is true afterwards, and none is an error of the server. */
@ExtendWith(KeycloakExtension.class)
class RacesIT {

    private static TestRealm realm;
    private static AdminApi admin;
    private static Google google;

    @BeforeAll
    static void backend(TestRealm testRealm, SocialHosts hosts, AdminApi adminApi) {
        realm = testRealm;
        admin = adminApi;
        google = hosts.get(Google.class);
        realm.addSocialProvider("google", google, Map.of("trustEmail", "true"))
                .addConvertTokenMapper("google", Map.of("allowedClients", "*"));
        admin.createFlow(
                realm.name(), "autolink", "idp-create-user-if-unique", "ALTERNATIVE", "idp-auto-link", "ALTERNATIVE");
    }

    @Test
    void twoHundredFirstConversionsOfOneIdentityMakeOneUser() throws Exception {
        Person person = google.newcomer();
        int users = realm.userCount();

        List<Answer> answers = AtOnce.all(IntStream.range(0, 200)
                .<Callable<Answer>>mapToObj(i -> {
                    String token = google.idToken(person).mint();
                    return () -> convert(token);
                })
                .toList());

        assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
        assertThat(answers.stream().map(RacesIT::user).distinct()).hasSize(1);
        assertThat(answers.stream()
                        .filter(answer -> answer.json().path("is_new_user").asBoolean()))
                .hasSize(1);
        assertThat(realm.userCount()).isEqualTo(users + 1);
    }

    /** Who signs in in a second transaction, because another request was first, has still to prove the possession of a key. */
    @Test
    void losersOfARaceGetTokensThatAreBoundToTheirKeys() throws Exception {
        TestClient bound =
                realm.addConfidentialClient("bound", Map.of("attributes", Map.of("dpop.bound.access.tokens", "true")));
        Person person = google.newcomer();

        List<Answer> answers = AtOnce.all(IntStream.range(0, 12)
                .<Callable<Answer>>mapToObj(i -> {
                    String token = google.idToken(person).mint();
                    String proof = new DPoPProofs().forPost(realm.uri("/auth/convert-token"));
                    return () -> realm.convertTokenEndpoint()
                            .as(bound)
                            .header("DPoP", proof)
                            .param("backend", "google")
                            .param("token", token)
                            .post();
                })
                .toList());

        assertThat(answers.stream().map(RacesIT::user).distinct()).hasSize(1);
        assertThat(answers.stream()
                        .map(answer -> answer.accessTokenClaims()
                                .path("cnf")
                                .path("jkt")
                                .asText())
                        .filter(thumbprint -> !thumbprint.isEmpty())
                        .distinct())
                .hasSize(12);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void ofTwoIdentitiesWithOneAddressOneWins(int round) throws Exception {
        Person one = google.newcomer();
        Person two = google.newcomer().withEmail(one.email());
        int users = realm.userCount();

        List<Answer> answers = AtOnce.all(List.of(
                () -> convert(google.idToken(one).mint()),
                () -> convert(google.idToken(two).mint())));

        assertThat(answers.stream().map(Answer::status)).containsExactlyInAnyOrder(200, 400);
        assertThat(answers.stream().map(Answer::error)).containsExactlyInAnyOrder("", "interaction_required");
        assertThat(realm.userCount()).isEqualTo(users + 1);
    }

    /** Two who are linked to the account with their address, by a flow that links by itself. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void identityIsLinkedOnceToTheAccountWithItsAddress(int round) throws Exception {
        realm.updateIdentityProvider("google", Map.of("firstBrokerLoginFlowAlias", "autolink"));
        Person owner = Person.unknown();
        realm.addUser(owner);
        Person person = google.newcomer().withEmail(owner.email());
        int users = realm.userCount();
        try {
            List<Answer> answers = AtOnce.all(IntStream.range(0, 12)
                    .<Callable<Answer>>mapToObj(
                            i -> () -> convert(google.idToken(person).mint()))
                    .toList());

            assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
            assertThat(answers.stream().map(RacesIT::user).distinct()).hasSize(1);
            assertThat(realm.userCount()).isEqualTo(users);
        } finally {
            realm.updateIdentityProvider("google", Map.of("firstBrokerLoginFlowAlias", "first broker login"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void conversionsBesideABrowserLoginFindItsUser(int round) throws Exception {
        Person person = google.newcomer();
        int users = realm.userCount();

        List<Optional<Answer>> answers = AtOnce.all(List.<Callable<Optional<Answer>>>of(
                () -> BrowserLogin.withoutAnyPage(realm, "google", google, person),
                () -> Optional.of(convert(google.idToken(person).mint())),
                () -> Optional.of(convert(google.idToken(person).mint()))));

        assertThat(realm.userCount()).isEqualTo(users + 1);
        // the browser's own race with others ends on an error page, at times
        assertThat(answers.stream().flatMap(Optional::stream).map(RacesIT::user).distinct())
                .hasSize(1);
        assertThat(answers.get(1).orElseThrow().status()).isEqualTo(200);
        assertThat(answers.get(2).orElseThrow().status()).isEqualTo(200);
        assertThat(user(convert(google.idToken(person).mint())))
                .isEqualTo(user(answers.get(1).orElseThrow()));
    }

    /** Of those that write the same row at the same moment, some databases roll all back but one. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void conversionsThatChangeOneProfileAllSucceed(int round) throws Exception {
        realm.updateIdentityProvider("google", Map.of("syncMode", "FORCE"));
        try {
            Person person = google.newcomer();
            convert(google.idToken(person).mint()).expect(200);

            List<Answer> answers = AtOnce.all(IntStream.range(0, 20)
                    .<Callable<Answer>>mapToObj(i -> {
                        String token = google.idToken(person.withNames("Given" + i, "Family" + i))
                                .mint();
                        return () -> convert(token);
                    })
                    .toList());

            assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
            assertThat(answers.stream().map(RacesIT::user).distinct()).hasSize(1);
        } finally {
            realm.updateIdentityProvider("google", Map.of("syncMode", "IMPORT"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalidate-refresh-tokens", "invalidate-sessions"})
    void invalidationsOfOneAccountAllSucceed(String endpoint) throws Exception {
        Person person = google.newcomer();
        String userId = user(convert(google.idToken(person).mint()));
        String path = realm.name() + "/auth/users/" + userId + "/" + endpoint;
        for (String round : List.of("first", "next")) {
            List<Answer> tokens = IntStream.range(0, 4)
                    .mapToObj(i -> convert(google.idToken(person).mint()).expect(200))
                    .toList();

            List<Answer> answers = AtOnce.all(IntStream.range(0, 24)
                    .<Callable<Answer>>mapToObj(i ->
                            () -> admin.call(path).param("client_id", "app").post())
                    .toList());

            assertThat(answers)
                    .as(round)
                    .allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
            assertThat(tokens)
                    .as(round)
                    .allSatisfy(answer ->
                            realm.refresh(TestRealm.APP, answer.refreshToken()).expect(400));
        }
    }

    private static String user(Answer answer) {
        return answer.expect(200).accessTokenClaims().path("sub").asText();
    }

    private static Answer convert(String token) {
        return realm.convert("google", token);
    }
}
