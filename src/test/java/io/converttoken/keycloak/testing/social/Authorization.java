// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.Sha256;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What a person agreed to, and the client that may redeem the code for it. */
record Authorization(
        Person person,
        String clientId,
        Optional<String> redirectUri,
        String scope,
        Optional<String> nonce,
        Optional<String> challenge,
        Consumer<Map<String, Object>> change) {

    Authorization issuedTo(String other) {
        return new Authorization(person, other, redirectUri, scope, nonce, challenge, change);
    }

    Authorization redirectingTo(Optional<String> other) {
        return new Authorization(person, clientId, other, scope, nonce, challenge, change);
    }

    Authorization withNonce(String other) {
        return new Authorization(person, clientId, redirectUri, scope, Optional.of(other), challenge, change);
    }

    Authorization challenged(String other) {
        return new Authorization(person, clientId, redirectUri, scope, nonce, Optional.of(other), change);
    }

    Authorization giving(Consumer<Map<String, Object>> other) {
        return new Authorization(person, clientId, redirectUri, scope, nonce, challenge, other);
    }

    boolean isVerifiedBy(Optional<String> codeVerifier) {
        return challenge.isEmpty()
                || codeVerifier
                        .map(Sha256::base64Url)
                        .filter(challenge.get()::equals)
                        .isPresent();
    }
}
