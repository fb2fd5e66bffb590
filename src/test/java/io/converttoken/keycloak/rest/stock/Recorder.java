// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Makes the calls of one part of the script in a realm, and keeps what each came to: its answer and the events that it left. */
final class Recorder {

    private static final String ALL = "?max=10000";

    private final TestRealm realm;
    private final Expiring expiring;
    private final Stable stable;
    private final Map<String, Made> made = new LinkedHashMap<>();

    Recorder(TestRealm realm, Expiring expiring) {
        this.realm = realm;
        this.expiring = expiring;
        this.stable = new Stable(realm);
    }

    /** A call, and the time from its beginning to its end in milliseconds, which no other call shares. */
    private record Made(Answer answer, long from, long until) {

        boolean left(JsonNode event) {
            long time = event.path("time").asLong();
            return from <= time && time < until;
        }
    }

    TestRealm realm() {
        return realm;
    }

    Expiring expiring() {
        return expiring;
    }

    AdminApi admin() {
        return realm.admin();
    }

    /** An endpoint of OpenID Connect in the realm, such as {@code token}. */
    Call oidc(String endpoint) {
        return realm.call("/protocol/openid-connect/" + endpoint);
    }

    /** A path of the admin API below the realm. */
    Call adminCall(String path) {
        return admin().call(realm.name() + path);
    }

    /** A new user of the realm with this name, which is the password too. */
    Person user(String name) {
        Person person = Person.named(name);
        realm.addUser(person);
        return person;
    }

    /** Ends the session of these tokens, and no other. */
    void endSession(Answer tokens) {
        admin().delete(realm.name() + "/sessions/"
                + tokens.accessTokenClaims().path("sid").asText());
    }

    Call passwordGrant(TestClient client, Person user, String scope) {
        return realm.tokenEndpoint()
                .as(client)
                .param("grant_type", "password")
                .param("username", user.username())
                .param("password", user.username())
                .param("scope", scope);
    }

    Answer signIn(TestClient client, Person user, String scope) {
        return passwordGrant(client, user, scope).post().expect(200);
    }

    Answer signIn(TestClient client, Person user) {
        return signIn(client, user, "openid");
    }

    Answer clientCredentials(TestClient client, String scope) {
        return realm.tokenEndpoint()
                .as(client)
                .param("grant_type", "client_credentials")
                .param("scope", scope)
                .post();
    }

    /** Makes a call of which the answer and the events are kept. */
    Answer record(String name, Supplier<Answer> call) {
        long from = nextMillisecond();
        Answer answer = call.get();
        if (made.put(name, new Made(answer, from, nextMillisecond())) != null) {
            throw new IllegalStateException("Two calls have the name " + name);
        }
        return answer;
    }

    private static long nextMillisecond() {
        long now = System.currentTimeMillis();
        while (System.currentTimeMillis() == now) {
            Thread.onSpinWait();
        }
        return System.currentTimeMillis();
    }

    /** What the calls came to, by their names. The events are fetched only now, and told apart by their times. */
    Map<String, List<String>> outcomes() {
        JsonNode events = admin().get(realm.name() + "/events" + ALL);
        JsonNode adminEvents = admin().get(realm.name() + "/admin-events" + ALL);
        Map<String, List<String>> outcomes = new LinkedHashMap<>();
        made.forEach((name, call) -> {
            List<String> lines = new ArrayList<>(stable.lines(call.answer()));
            events.forEach(event -> addIfLeft(call, "event", event, lines));
            adminEvents.forEach(event -> addIfLeft(call, "admin event", event, lines));
            outcomes.put(name, lines.stream().sorted().toList());
        });
        return outcomes;
    }

    private void addIfLeft(Made call, String kind, JsonNode event, List<String> lines) {
        if (call.left(event)) {
            lines.addAll(stable.lines(kind, event));
        }
    }
}
