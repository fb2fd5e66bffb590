package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.Person;
import java.time.Instant;

/**
 * What a provider knows of an access token.
 *
 * @param person who signed in
 * @param profile whose profile the API shows for it; another person's where the provider, or somebody in between, lies
 * @param clientId the application that it was issued to
 * @param expiresAt when it ends
 * @param isRevoked whether it was ended before
 */
record AccessToken(Person person, Person profile, String clientId, Instant expiresAt, boolean isRevoked) {

    boolean isExpired() {
        return !Instant.now().isBefore(expiresAt);
    }

    boolean isAlive() {
        return !isRevoked && !isExpired();
    }

    AccessToken issuedTo(String other) {
        return new AccessToken(person, profile, other, expiresAt, isRevoked);
    }

    AccessToken endingAt(Instant end) {
        return new AccessToken(person, profile, clientId, end, isRevoked);
    }

    AccessToken revoked() {
        return new AccessToken(person, profile, clientId, expiresAt, true);
    }

    AccessToken showing(Person other) {
        return new AccessToken(person, other, clientId, expiresAt, isRevoked);
    }
}
