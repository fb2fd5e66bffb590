// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.keycloak.common.util.SecretGenerator;

/**
 * Which refresh tokens of a user for a client are alive: those of the current generation, and those of former ones that one
 * session was spared with. As text: the current generation, then, if a session was spared, its id and the generations that
 * it keeps, separated by spaces.
 *
 * @param current of every token that is issued now
 * @param sparedSession id of the user session, or empty
 * @param kept generations that are alive in the spared session alone
 */
record Generation(String current, String sparedSession, List<String> kept) {

    /** Of tokens that were issued before the first invalidation, or before the extension was there. */
    static final String FIRST = "0";

    private static final String SEPARATOR = " ";
    private static final int LENGTH = 16;

    /** A session that is spared again and again without a refresh loses its oldest tokens. */
    private static final int MAX_KEPT = 20;

    Generation {
        kept = List.copyOf(kept);
    }

    static Generation first() {
        return new Generation(FIRST, "", List.of());
    }

    static Generation parse(String text) {
        List<String> parts = Arrays.asList(text.split(SEPARATOR, -1));
        return parts.size() == 1
                ? new Generation(text, "", List.of())
                : new Generation(parts.get(0), parts.get(1), parts.subList(2, parts.size()));
    }

    String asText() {
        if (sparedSession.isEmpty()) {
            return current;
        }
        List<String> parts = new ArrayList<>(List.of(current, sparedSession));
        parts.addAll(kept);
        return String.join(SEPARATOR, parts);
    }

    /** Whether a token of this generation, in this session, is alive. */
    boolean isAlive(String generation, String sessionId) {
        return generation.equals(current) || (sessionId.equals(sparedSession) && kept.contains(generation));
    }

    /** The generation after this one, in which no token is alive but the spared session's that are alive now. */
    Generation next(String spared) {
        String drawn = SecretGenerator.getInstance().randomString(LENGTH);
        if (spared.isEmpty()) {
            return new Generation(drawn, "", List.of());
        }
        List<String> alive = new ArrayList<>(List.of(current));
        if (spared.equals(sparedSession)) {
            alive.addAll(kept);
        }
        return new Generation(drawn, spared, alive.subList(0, Math.min(alive.size(), MAX_KEPT)));
    }
}
