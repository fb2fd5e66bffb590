// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.util.Optional;

/** A client of a test realm: confidential where it has a secret, public otherwise. */
public record TestClient(String clientId, Optional<String> secret) {

    public static TestClient confidential(String clientId, String secret) {
        return new TestClient(clientId, Optional.of(secret));
    }

    public static TestClient publicClient(String clientId) {
        return new TestClient(clientId, Optional.empty());
    }
}
