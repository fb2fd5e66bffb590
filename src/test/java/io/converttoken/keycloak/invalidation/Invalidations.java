// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** What the tests of invalidation share. */
final class Invalidations {

    private Invalidations() {}

    static Call call(TestRealm realm, String endpoint, String bearer, String clientId) {
        return realm.call("/auth/" + endpoint).bearer(bearer).param("client_id", clientId);
    }

    /** The administrator's call; an empty client id is every client. */
    static Answer administrate(TestRealm realm, String operation, String username, String clientId) {
        String id = realm.admin().user(realm.name(), username).path("id").asText();
        return realm.admin()
                .call(realm.name() + "/auth/users/" + id + "/" + operation)
                .params(clientId.isEmpty() ? Map.of() : Map.of("client_id", clientId))
                .post();
    }

    /** Of refresh tokens. */
    static String generation(Answer tokens) {
        return tokens.refreshTokenClaims().path("rtg").asText();
    }

    /** Introspection is for those whom the token is for. */
    static void letIntrospectItself(AdminApi admin, String realm, String clientId) {
        admin.addProtocolMapper(
                realm,
                clientId,
                Map.of(
                        "name", "itself",
                        "protocol", "openid-connect",
                        "protocolMapper", "oidc-audience-mapper",
                        "config", Map.of("included.client.audience", clientId, "access.token.claim", "true")));
    }

    /** Keycloak compares in whole seconds. */
    static void awaitNextSecond() {
        long now = Instant.now().getEpochSecond();
        Await.until(
                "the next second", Duration.ofSeconds(5), () -> Instant.now().getEpochSecond() > now);
    }

    static List<Answer> atOnce(int calls, IntFunction<Answer> call) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(calls);
        try {
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> answer : threads.invokeAll(IntStream.range(0, calls)
                    .<Callable<Answer>>mapToObj(i -> () -> call.apply(i))
                    .toList())) {
                answers.add(answer.get());
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }
}
