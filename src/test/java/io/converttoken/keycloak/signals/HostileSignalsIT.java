// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.SecurityEvents;
import io.converttoken.keycloak.testing.TestBackend;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Twenty thousand bodies that are nearly signals: none is a fault of the server, none ends anything, and keys are loaded no more often than for tokens. */
@ExtendWith(KeycloakExtension.class)
class HostileSignalsIT {

    private static final int BODIES = 20_000;
    private static final int SENDERS = 4;
    private static final Duration AT_MOST = Duration.ofMinutes(4);

    @Test
    void nearlySignalsAreRefused(TestRealm realm) throws Exception {
        realm.admin().updateRealm(realm.name(), Map.of("eventsEnabled", false));
        try (TestBackend hostile = TestBackend.add(realm, "hostile")) {
            realm.replaceConvertTokenMapper("hostile", Map.of("allowedClients", "*", "signals", "true"));
            Person person = Person.unknown();
            Answer tokens = realm.conversion(
                            "hostile", hostile.provider().idToken(person).mint())
                    .param("scope", "openid")
                    .post()
                    .expect(200);
            hostile.provider().reset();

            sendAll(realm, genuine(hostile, person));

            realm.userInfo(tokens.accessToken()).expect(200);
            // one at the start, and one in ten seconds for keys that nobody knows
            assertThat(hostile.provider().jwks().requestCount()).isLessThan(30);
        }
    }

    private static void sendAll(TestRealm realm, List<String> genuine) throws Exception {
        long seed = System.nanoTime();
        Instant deadline = Instant.now().plus(AT_MOST);
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        try {
            List<Callable<Integer>> tasks = new ArrayList<>();
            for (int sender = 0; sender < SENDERS; sender++) {
                Random random = new Random(seed + sender);
                tasks.add(() -> send(realm, random, genuine, deadline));
            }
            int sent = 0;
            for (Future<Integer> task : senders.invokeAll(tasks)) {
                sent += task.get();
            }
            assertThat(sent).as("seed %d", seed).isEqualTo(BODIES);
        } finally {
            senders.shutdownNow();
        }
    }

    private static int send(TestRealm realm, Random random, List<String> genuine, Instant deadline) {
        for (int i = 0; i < BODIES / SENDERS; i++) {
            assertThat(Instant.now()).as("it takes too long").isBefore(deadline);
            String body = mangled(random, genuine.get(random.nextInt(genuine.size())));
            String type = List.of("application/secevent+jwt", "application/json", "text/plain")
                    .get(random.nextInt(3));
            Answer answer = realm.call("/auth/signals/hostile")
                    .header("X-Test", "1")
                    .bearer(mangled(random, genuine.get(0)))
                    .body(type, body)
                    .post();
            assertThat(answer.status()).as("%s: %s", body, answer).isLessThan(500);
        }
        return BODIES / SENDERS;
    }

    /** Never what it was: one part of a token always differs. */
    private static String mangled(Random random, String text) {
        StringBuilder mangled = new StringBuilder(text);
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(mangled.length());
            switch (random.nextInt(5)) {
                case 0 -> mangled.setLength(Math.max(1, at));
                case 1 -> mangled.insert(at, "{}[]\",.:a0".charAt(random.nextInt(10)));
                case 2 -> mangled.deleteCharAt(at).append('x');
                case 3 -> mangled.insert(at, mangled.substring(at));
                default -> mangled.setCharAt(at, (char) (33 + random.nextInt(90)));
            }
        }
        String result = mangled.length() > 10_000 ? mangled.substring(0, 10_000) : mangled.toString();
        return result.equals(text) ? result + "x" : result;
    }

    private static List<String> genuine(TestBackend hostile, Person person) {
        return List.of(
                SecurityEvents.sessionRevoked(hostile.provider(), "nobody").mint(),
                "{\"payload\":\"a.b.c\"}",
                "{\"sub_id\":{\"format\":\"opaque\",\"id\":\"" + person.subject() + "\"}}",
                "{\"subject\":{\"user\":{\"format\":\"email\",\"email\":\"" + person.email() + "\"}}}");
    }
}
