// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.http.SpokenCode;
import io.converttoken.keycloak.internals.ServerRows;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * What was done when a person asked for the deletion of data, for the page to which the confirmation code leads. It
 * says nothing about the person.
 *
 * @param when when it was done
 * @param sessions the number of sessions that have ended, online and offline
 * @param change what became of the account
 */
public record Deletion(Instant when, int sessions, String change) {

    /** The kind of the rows. */
    static final String KIND = "deletion";

    private static final String SEPARATOR = " ";

    private static final int LENGTH = 20;
    private static final Pattern CODE = Pattern.compile("[0-9A-Z]{" + LENGTH + "}");

    static Deletion of(Outcome outcome) {
        return new Deletion(
                SignalTimes.now(),
                outcome.sessions() + outcome.offlineSessions(),
                outcome.change().code());
    }

    /** Stores it, and returns the confirmation code. */
    String store(KeycloakSession session, String identityProvider) {
        String code = SpokenCode.drawn(LENGTH);
        ServerRows.Key key = key(session, identityProvider, code);
        String text = when.toEpochMilli() + SEPARATOR + sessions + SEPARATOR + change;
        KeycloakModelUtils.runJobInTransaction(
                session.getKeycloakSessionFactory(), own -> ServerRows.write(own, key, text));
        return code;
    }

    /** Returns what belongs to a confirmation code, if it is one of this identity provider. */
    public static Optional<Deletion> find(KeycloakSession session, String identityProvider, String code) {
        return CODE.matcher(code).matches()
                ? ServerRows.read(session, key(session, identityProvider, code)).map(Deletion::parse)
                : Optional.empty();
    }

    private static Deletion parse(String text) {
        String[] parts = text.split(SEPARATOR, -1);
        return new Deletion(Instant.ofEpochMilli(Long.parseLong(parts[0])), Integer.parseInt(parts[1]), parts[2]);
    }

    private static ServerRows.Key key(KeycloakSession session, String identityProvider, String code) {
        return ServerRows.Key.of(KIND, session.getContext().getRealm().getId(), identityProvider, code);
    }
}
