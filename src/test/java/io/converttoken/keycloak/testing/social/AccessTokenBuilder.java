// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.Person;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/** A provider's access token in the making: issued to us and good for an hour, until told otherwise. */
public final class AccessTokenBuilder {

    private final Function<AccessToken, String> mint;
    private AccessToken token;

    AccessTokenBuilder(Person person, String clientId, Function<AccessToken, String> mint) {
        this.token = new AccessToken(person, person, clientId, Instant.now().plus(Duration.ofHours(1)), false, false);
        this.mint = mint;
    }

    public AccessTokenBuilder issuedTo(String clientId) {
        token = token.issuedTo(clientId);
        return this;
    }

    public AccessTokenBuilder expiresIn(Duration duration) {
        token = token.endingAt(Instant.now().plus(duration));
        return this;
    }

    public AccessTokenBuilder revoked() {
        token = token.revoked();
        return this;
    }

    /** By the application's own credentials: there is no person behind it. */
    public AccessTokenBuilder ofTheApplication() {
        token = token.ofTheApplication();
        return this;
    }

    /** The profile behind it is another person's than the token itself. */
    public AccessTokenBuilder showing(Person other) {
        token = token.showing(other);
        return this;
    }

    /** The token, known to the provider from here on. */
    public String mint() {
        return mint.apply(token);
    }
}
