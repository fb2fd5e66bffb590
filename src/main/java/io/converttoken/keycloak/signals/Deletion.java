// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.internals.ServerRows;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.keycloak.common.util.SecretGenerator;
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

    private static final String KIND = "deletion";
    private static final String SEPARATOR = " ";

    /** Without the letters that are mistaken for digits when somebody reads them out. */
    private static final char[] LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();

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
        String code = SecretGenerator.getInstance().randomString(LENGTH, LETTERS);
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

    static void forgetRealm(KeycloakSession session, String realmId) {
        ServerRows.deleteAll(session, ServerRows.Key.of(KIND, realmId));
    }

    static void forgetIdentityProvider(KeycloakSession session, String realmId, String identityProvider) {
        ServerRows.deleteAll(session, ServerRows.Key.of(KIND, realmId, identityProvider));
    }
}
