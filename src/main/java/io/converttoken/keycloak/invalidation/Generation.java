// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.keycloak.common.util.SecretGenerator;

/**
 * Says which refresh tokens of a user for a client are alive: those of the current generation and, in one spared
 * session, those of some former generations. As text it is the current generation; if a session was spared, the id of
 * the session and its generations follow, separated by spaces.
 *
 * @param current the generation of every token that is issued now
 * @param sparedSession the id of the spared user session, or empty
 * @param kept the generations that are alive in the spared session alone
 */
record Generation(String current, String sparedSession, List<String> kept) {

    /**
     * The generation of tokens that were issued before the first invalidation, or before the extension was installed.
     */
    static final String FIRST = "0";

    private static final String SEPARATOR = " ";
    private static final int LENGTH = 16;

    /** The limit of kept generations. A session that is spared more often without a refresh loses its oldest tokens. */
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

    /** Returns whether a token of this generation is alive in this session. */
    boolean isAlive(String generation, String sessionId) {
        return generation.equals(current) || (sessionId.equals(sparedSession) && kept.contains(generation));
    }

    /** Returns the next generation, in which only those tokens of the spared session stay alive that are alive now. */
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
