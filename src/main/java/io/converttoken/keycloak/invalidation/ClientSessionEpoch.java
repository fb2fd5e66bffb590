// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import java.util.Optional;
import org.keycloak.common.util.SecretGenerator;
import org.keycloak.common.util.Time;
import org.keycloak.models.UserSessionModel;
import org.keycloak.representations.JsonWebToken;

/**
 * A user session outlives its client sessions, so that a client may have several of them there, one after another.
 * Keycloak tells them apart by their start, in whole seconds, and does not tell their codes apart at all. When an
 * invalidation ends a client session and the user session stays, a note on the user session therefore begins a new
 * epoch. What was issued before belongs to the former epoch.
 *
 * @param id the id of the epoch, which refresh tokens carry
 * @param began the time when the epoch began, in seconds since 1970
 */
record ClientSessionEpoch(String id, int began) {

    /** The claim of refresh tokens that holds the id of the epoch. It is absent in the first epoch. */
    static final String CLAIM = "rte";

    private static final String NOTE_PREFIX = "convert-token.ended.";
    private static final String SEPARATOR = " ";
    private static final int LENGTH = 16;

    /**
     * Returns the epoch of a client in a user session, or nothing if no client session of the client was ended there.
     */
    static Optional<ClientSessionEpoch> of(UserSessionModel userSession, String clientId) {
        return Optional.ofNullable(userSession.getNote(NOTE_PREFIX + clientId)).map(ClientSessionEpoch::parse);
    }

    /** Begins a new epoch of a client in a user session, now. */
    static void begin(UserSessionModel userSession, String clientId) {
        String id = SecretGenerator.getInstance().randomString(LENGTH);
        userSession.setNote(NOTE_PREFIX + clientId, id + SEPARATOR + Time.currentTime());
    }

    /** Returns whether a refresh token was issued in the current epoch of its client. */
    static boolean isCurrent(JsonWebToken token, UserSessionModel userSession, String clientId) {
        Optional<String> current = of(userSession, clientId).map(ClientSessionEpoch::id);
        return current.equals(
                Optional.ofNullable(token.getOtherClaims().get(CLAIM)).map(Object::toString));
    }

    private static ClientSessionEpoch parse(String text) {
        String[] parts = text.split(SEPARATOR, -1);
        return new ClientSessionEpoch(parts[0], Integer.parseInt(parts[1]));
    }
}
