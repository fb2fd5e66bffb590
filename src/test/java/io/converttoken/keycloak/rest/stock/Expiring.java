// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Audiences;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.Seconds;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.Map;

/**
 * Tokens that live for a second, issued before the first call.
 *
 * @param client whose they are, and whom they are for
 */
record Expiring(TestClient client, Answer tokens) {

    private static final Person USER = Person.named("expiring-user");

    static Expiring in(TestRealm realm) {
        TestClient client = realm.addConfidentialClient(
                "expiring",
                Map.of("attributes", Map.of("access.token.lifespan", "1", "client.session.max.lifespan", "1")));
        Audiences.add(realm, "expiring", "expiring");
        realm.addUser(USER);
        return new Expiring(client, realm.signIn(client, USER));
    }

    /** The tokens once they are expired. */
    Answer expired() {
        Seconds.awaitExpiryOf(tokens.accessToken());
        Seconds.awaitExpiryOf(tokens.refreshToken());
        return tokens;
    }
}
