// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.ForeignJar;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.TestRealm;

/** What happens where another extension decides in place of ours: nothing is answered with success that would be hollow. */
final class Overruled {

    static final String REFUSAL = "Another extension decides about refresh tokens, so that they cannot be invalidated";

    private Overruled() {}

    /** Starts a server with both extensions. */
    static KeycloakServer start(ForeignJar other, String log) {
        assumeTrue(KeycloakServer.isDistribution(), "the server is started from the distribution, with two JARs");
        return KeycloakServer.startNextTo(other, log);
    }

    /** Both calls, with their events. */
    static void assertRefused(TestRealm realm, String operation, Answer tokens, Class<?> deciding) {
        realm.clearEvents();
        realm.admin().clearAdminEvents(realm.name());

        Answer self = Invalidations.call(realm, operation, tokens.accessToken(), "app")
                .post();
        Answer byAdmin = Invalidations.administrate(realm, operation, "alice", "app");

        for (Answer answer : new Answer[] {self, byAdmin}) {
            assertThat(answer.expect(500).error()).isEqualTo("server_error");
            assertThat(answer.errorDescription()).isEqualTo(REFUSAL);
        }
        assertThat(realm.event("REVOKE_GRANT_ERROR").error()).isEqualTo("server_error");
        assertThat(realm.event("REVOKE_GRANT_ERROR").detail("reason_text")).contains(deciding.getName());
        JsonNode event = realm.admin().adminEvents(realm.name()).get(0);
        assertThat(event.path("error").asText()).isEqualTo("server_error");
        assertThat(event.path("details").path("operation").asText()).isEqualTo(operation);
        assertThat(event.path("details").path("reason_text").asText()).contains(deciding.getName());
    }

    static void assertNothingChanged(TestRealm realm, Answer tokens) {
        assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(200);
        realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(200);
        assertThat(realm.admin().sessions(realm.name(), "alice")).hasSize(1);
    }

    static String errors(KeycloakServer server) {
        return String.join(
                "\n",
                server.log().lines().filter(line -> line.contains("ERROR")).toList());
    }
}
