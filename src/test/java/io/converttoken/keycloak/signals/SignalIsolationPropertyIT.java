// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * No signal, however it is made, ends a session of somebody who is not linked to its backend: two backends have the same
 * people by id and by address, and one of them sends signals that are genuine, and made of everything that a signal can be
 * made of.
 */
@ExtendWith(KeycloakExtension.class)
class SignalIsolationPropertyIT {

    private static final int SIGNALS = 300;
    private static final int PEOPLE = 3;

    private static TestRealm realm;

    @AutoClose
    private static final FakeProvider mine = FakeProvider.start();

    @AutoClose
    private static final FakeProvider theirs = FakeProvider.start();

    @BeforeAll
    static void backends(TestRealm testRealm) {
        realm = testRealm;
        realm.admin().updateRealm(realm.name(), Map.of("loginWithEmailAllowed", false, "duplicateEmailsAllowed", true));
        Map<String, String> mapper = Map.of("allowedClients", "*", "signals", "true", "signalScope", "user");
        realm.addOidcProvider("mine", mine).addConvertTokenMapper("mine", mapper);
        realm.addOidcProvider("theirs", theirs).addConvertTokenMapper("theirs", mapper);
    }

    @Test
    void signalsOfOneBackendNeverEndWhatIsOfTheOther() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Person> people = new ArrayList<>();
        List<Answer> ofTheirs = new ArrayList<>();
        for (int i = 0; i < PEOPLE; i++) {
            Person person = Person.unknown();
            people.add(person);
            signedIn("mine", mine.idToken(person).mint()).expect(200);
            ofTheirs.add(signedIn(
                            "theirs",
                            theirs.idToken(person.withUsername("their-" + person.username()))
                                    .claim("sid", "session-of-" + person.subject())
                                    .mint())
                    .expect(200));
        }

        for (int i = 0; i < SIGNALS; i++) {
            Answer answer = send(random, people.get(random.nextInt(PEOPLE)));
            assertThat(answer.status())
                    .as("seed %d, signal %d: %s", seed, i, answer)
                    .isLessThan(500);
        }

        assertThat(ofTheirs)
                .as("seed %d", seed)
                .allSatisfy(tokens -> realm.userInfo(tokens.accessToken()).expect(200));
    }

    private static Answer signedIn(String alias, String token) {
        return realm.conversion(alias, token).param("scope", "openid").post();
    }

    private static Answer send(Random random, Person person) {
        JwtBuilder jwt = new JwtBuilder(mine, person)
                .audience(FakeProvider.CLIENT_ID)
                .issuedAt(Instant.now().plusSeconds(random.nextInt(60) - 30))
                .claim("jti", UUID.randomUUID().toString());
        return switch (random.nextInt(3)) {
            case 0 ->
                realm.call("/auth/signals/mine")
                        .param(
                                "logout_token",
                                jwt.type("logout+jwt")
                                        .subject(text(random, person))
                                        .claim(
                                                "sid",
                                                random.nextBoolean()
                                                        ? text(random, person)
                                                        : "session-of-" + person.subject())
                                        .claim(
                                                "events",
                                                Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()))
                                        .mint())
                        .post();
            case 1 ->
                realm.call("/auth/signals/mine")
                        .bearer(jwt.audience(realm.uri("/auth/signals/mine").toString())
                                .mint())
                        .json(Map.of(random.nextBoolean() ? "sub_id" : "subject", subject(random, person, 2)))
                        .post();
            default ->
                realm.call("/auth/signals/mine")
                        .body(
                                "application/secevent+jwt",
                                jwt.type("secevent+jwt")
                                        .noExpiry()
                                        .claim("sub_id", subject(random, person, 2))
                                        .claim(
                                                "events",
                                                Map.of(
                                                        "https://schemas.openid.net/secevent/"
                                                                + pick(
                                                                        random,
                                                                        "caep/event-type/session-revoked",
                                                                        "risc/event-type/account-disabled",
                                                                        "risc/event-type/account-purged",
                                                                        "oauth/event-type/token-revoked"),
                                                        Map.of("subject", subject(random, person, 2))))
                                        .mint())
                        .post();
        };
    }

    private static Map<String, Object> subject(Random random, Person person, int depth) {
        Map<String, Object> subject = new LinkedHashMap<>();
        subject.put(
                pick(random, "format", "subject_type", "type"),
                pick(random, "iss_sub", "iss-sub", "opaque", "email", "id_token_claims", "complex", "aliases", "did"));
        for (String member : List.of("iss", "sub", "id", "email", "token", "url")) {
            if (random.nextBoolean()) {
                subject.put(member, text(random, person));
            }
        }
        if (depth > 0 && random.nextBoolean()) {
            subject.put(pick(random, "user", "session", "tenant"), subject(random, person, depth - 1));
        }
        if (depth > 0 && random.nextBoolean()) {
            subject.put("identifiers", List.of(subject(random, person, depth - 1)));
        }
        return subject;
    }

    private static String text(Random random, Person person) {
        return pick(
                random,
                person.subject(),
                person.email(),
                person.username(),
                "their-" + person.username(),
                "theirs." + person.subject(),
                "session-of-" + person.subject(),
                mine.issuer(),
                theirs.issuer(),
                "%",
                "");
    }

    private static String pick(Random random, String... values) {
        return values[random.nextInt(values.length)];
    }
}
