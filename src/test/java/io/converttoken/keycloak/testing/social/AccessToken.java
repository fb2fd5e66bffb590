// SPDX-License-Identifier: Apache-2.0
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
 * @param isOfTheApplication whether the application got it for itself, without any person
 */
record AccessToken(
        Person person,
        Person profile,
        String clientId,
        Instant expiresAt,
        boolean isRevoked,
        boolean isOfTheApplication) {

    boolean isExpired() {
        return !Instant.now().isBefore(expiresAt);
    }

    boolean isAlive() {
        return !isRevoked && !isExpired();
    }

    AccessToken issuedTo(String other) {
        return new AccessToken(person, profile, other, expiresAt, isRevoked, isOfTheApplication);
    }

    AccessToken endingAt(Instant end) {
        return new AccessToken(person, profile, clientId, end, isRevoked, isOfTheApplication);
    }

    AccessToken revoked() {
        return new AccessToken(person, profile, clientId, expiresAt, true, isOfTheApplication);
    }

    AccessToken ofTheApplication() {
        return new AccessToken(person, profile, clientId, expiresAt, isRevoked, true);
    }

    AccessToken showing(Person other) {
        return new AccessToken(person, other, clientId, expiresAt, isRevoked, isOfTheApplication);
    }
}
