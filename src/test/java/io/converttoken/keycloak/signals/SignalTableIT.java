// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each kind of signal ends what began before it, online and offline, in every client, and nothing else: not what began
 * later, not what came by another way unless the scope says so, and never anything of other people.
 */
@ExtendWith(KeycloakExtension.class)
class SignalTableIT {

    private static TestRealm realm;
    private static SocialHosts hosts;
    private static FakeProvider other;

    @BeforeAll
    static void backends(TestRealm testRealm, SocialHosts socialHosts, FakeProvider fakeProvider) {
        realm = testRealm;
        hosts = socialHosts;
        other = fakeProvider;
        realm.admin().requireNothingOfUsers(realm.name());
        realm.addOidcProvider("other", other).addConvertTokenMapper("other", Map.of("allowedClients", "*"));
        for (Sender sender : Sender.values()) {
            for (String scope : List.of("backend", "user")) {
                realm.addSocialProvider(alias(sender, scope), sender.provider(hosts), Map.of())
                        .addConvertTokenMapper(
                                alias(sender, scope),
                                Map.of(
                                        "allowedClients",
                                        "*",
                                        "signals",
                                        "true",
                                        "signalScope",
                                        scope,
                                        "acceptedAudiences",
                                        Apple.BUNDLE_ID));
            }
        }
    }

    private static String alias(Sender sender, String scope) {
        return sender.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + scope;
    }

    static Stream<Arguments> tellings() {
        return Stream.of(Sender.values())
                .flatMap(sender -> sender.meanings().stream().map(meaning -> Arguments.of(sender, meaning)));
    }

    @ParameterizedTest
    @MethodSource("tellings")
    void endsWhatCameThroughTheBackend(Sender sender, Meaning meaning) {
        SocialProvider provider = sender.provider(hosts);
        String alias = alias(sender, "backend");
        Person person = provider.newcomer();
        Answer online = convert(alias, TestRealm.APP, provider, person, "openid");
        Answer offline = convert(alias, TestRealm.MOBILE, provider, person, "openid offline_access");
        Answer elsewhere = throughTheOther(online, provider.storedId(person));
        Answer stranger = convert(alias(sender, "user"), TestRealm.APP, provider, stranger(person), "openid");
        awaitNextSecond();
        Sender.Sent signal = Sender.Sent.now(realm, alias, provider, person);
        awaitNextSecond();
        Answer later = sender.tellsTime() ? convert(alias, TestRealm.APP, provider, person, "openid") : elsewhere;
        realm.clearEvents();

        sender.send(signal, meaning).expect(sender.status());

        if (meaning == Meaning.NOTED) {
            assertNothingEnded(List.of(online, elsewhere, stranger), offline);
            return;
        }
        assertEnded(TestRealm.APP, online);
        assertEnded(TestRealm.MOBILE, offline);
        Answer stillLater = alive(TestRealm.APP, later);
        Answer stillElsewhere = sender.tellsTime() ? alive(TestRealm.APP, elsewhere) : stillLater;
        alive(TestRealm.APP, stranger);
        assertTold(alias, "1", "1");

        // whoever sends it again ends nothing that is new
        Answer again = convert(alias, TestRealm.APP, provider, person, "openid");
        assertThat(sender.send(signal, meaning).status()).isIn(sender.status(), 401);
        alive(TestRealm.APP, again);
        alive(TestRealm.APP, stillElsewhere);
    }

    @ParameterizedTest
    @MethodSource("tellings")
    void endsEverythingOfThePersonWhereTheScopeSaysSo(Sender sender, Meaning meaning) {
        SocialProvider provider = sender.provider(hosts);
        String alias = alias(sender, "user");
        Person person = provider.newcomer();
        Answer online = convert(alias, TestRealm.APP, provider, person, "openid");
        Answer elsewhere = throughTheOther(online, provider.storedId(person));
        Answer stranger = convert(alias(sender, "backend"), TestRealm.APP, provider, stranger(person), "openid");

        realm.clearEvents();

        sender.send(Sender.Sent.now(realm, alias, provider, person), meaning).expect(sender.status());

        if (meaning == Meaning.NOTED) {
            assertNothingEnded(List.of(online, elsewhere, stranger), online);
            return;
        }
        assertEnded(TestRealm.APP, online);
        assertEnded(TestRealm.APP, elsewhere);
        alive(TestRealm.APP, stranger);
    }

    /** Somebody else, who has the same id at another backend. */
    private static Person stranger(Person person) {
        Person other = Person.unknown();
        return person.withEmail(other.email()).withUsername(other.username());
    }

    /** The account gets an identity with the same id at another backend, and signs in by it. */
    private static Answer throughTheOther(Answer tokens, String id) {
        Person person = Person.unknown().withSubject(id + "-other");
        realm.call("/auth/connect-backend")
                .bearer(tokens.accessToken())
                .param("backend", "other")
                .param("token", other.idToken(person).mint())
                .post()
                .expect(204);
        return realm.conversion("other", other.idToken(person).mint())
                .param("scope", "openid")
                .post()
                .expect(200);
    }

    private static Answer convert(
            String alias, TestClient client, SocialProvider provider, Person person, String scope) {
        String token = provider.keys().isPresent()
                ? provider.idToken(person).mint()
                : provider.accessToken(person).mint();
        return realm.convertTokenEndpoint()
                .as(client)
                .param("backend", alias)
                .param("token", token)
                .param("scope", scope)
                .post()
                .expect(200);
    }

    private static void assertNothingEnded(List<Answer> online, Answer another) {
        online.forEach(tokens -> realm.userInfo(tokens.accessToken()).expect(200));
        realm.userInfo(another.accessToken()).expect(200);
        assertThat(realm.events()).noneMatch(event -> event.type().equals("REVOKE_GRANT"));
    }

    private static void assertEnded(TestClient client, Answer tokens) {
        assertThat(realm.refresh(client, tokens.refreshToken()).expect(400).error())
                .isEqualTo("invalid_grant");
        realm.userInfo(tokens.accessToken()).expect(401);
    }

    private static Answer alive(TestClient client, Answer tokens) {
        realm.userInfo(tokens.accessToken()).expect(200);
        return realm.refresh(client, tokens.refreshToken()).expect(200);
    }

    private static void assertTold(String alias, String sessions, String offlineSessions) {
        UserEvent event = realm.event("REVOKE_GRANT");
        assertThat(event.detail("identity_provider")).isEqualTo(alias);
        assertThat(event.detail("signal")).isNotEmpty();
        assertThat(event.detail("sessions")).isEqualTo(sessions);
        assertThat(event.detail("offline_sessions")).isEqualTo(offlineSessions);
        assertThat(event.userId()).isNotEmpty();
    }

    /** Keycloak knows only in which second a session began. */
    static void awaitNextSecond() {
        long now = Instant.now().getEpochSecond();
        Await.until(
                "the next second", Duration.ofSeconds(5), () -> Instant.now().getEpochSecond() > now);
    }
}
