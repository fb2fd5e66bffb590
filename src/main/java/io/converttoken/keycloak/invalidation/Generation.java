// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.keycloak.common.util.SecretGenerator;

/**
 * Says which refresh tokens of a user for a client are alive: those of the current generation; in one spared session, those of
 * some former generations; and in all sessions but those that were ended one by one, those of the generations until then.
 *
 * <p>As text it is the current generation. If there is more, the id of the spared session (or nothing) and its generations follow,
 * then {@code generation>session} for each session that was ended alone, separated by spaces.
 *
 * @param current the generation of every token that is issued now
 * @param sparedSession the id of the spared user session, or empty
 * @param kept the generations that are alive in the spared session alone
 * @param ended the sessions that were ended alone, the oldest first
 */
record Generation(String current, String sparedSession, List<String> kept, List<Ended> ended) {

    /**
     * The generation of tokens that were issued before the first invalidation, or before the extension was installed.
     */
    static final String FIRST = "0";

    private static final String SEPARATOR = " ";
    private static final int LENGTH = 16;

    /**
     * The limit of sessions that are ended alone. If more are ended without an invalidation of all, the tokens that are older than
     * the limit die in every session.
     */
    private static final int MAX_ENDED = 100;

    /**
     * The limit of kept generations, above the other limit, so that a session keeps its tokens when it is spared after others were
     * ended. A session that is spared more often without a refresh loses its oldest tokens.
     */
    private static final int MAX_KEPT = MAX_ENDED + 20;

    Generation {
        kept = List.copyOf(kept);
        ended = List.copyOf(ended);
    }

    /**
     * A session that was ended while the others went on.
     *
     * @param generation the one that was current until then
     * @param session id of the user session
     */
    record Ended(String generation, String session) {

        private static final String SEPARATOR = ">";

        static boolean isOne(String text) {
            return text.contains(SEPARATOR);
        }

        static Ended parse(String text) {
            String[] parts = text.split(SEPARATOR, 2);
            return new Ended(parts[0], parts[1]);
        }

        String asText() {
            return generation + SEPARATOR + session;
        }
    }

    static Generation first() {
        return new Generation(FIRST, "", List.of(), List.of());
    }

    static Generation parse(String text) {
        List<String> parts = Arrays.asList(text.split(SEPARATOR, -1));
        if (parts.size() == 1) {
            return new Generation(text, "", List.of(), List.of());
        }
        List<String> more = parts.subList(2, parts.size());
        return new Generation(
                parts.get(0),
                parts.get(1),
                more.stream().filter(part -> !Ended.isOne(part)).toList(),
                more.stream().filter(Ended::isOne).map(Ended::parse).toList());
    }

    String asText() {
        if (sparedSession.isEmpty() && ended.isEmpty()) {
            return current;
        }
        List<String> parts = new ArrayList<>(List.of(current, sparedSession));
        parts.addAll(kept);
        ended.stream().map(Ended::asText).forEach(parts::add);
        return String.join(SEPARATOR, parts);
    }

    /** Returns whether a token of this generation is alive in this session. */
    boolean isAlive(String generation, String sessionId) {
        return aliveIn(sessionId).anyMatch(generation::equals);
    }

    /** Returns the generations that are alive in this session, the newest first. */
    private Stream<String> aliveIn(String sessionId) {
        List<String> alive = new ArrayList<>(List.of(current));
        Set<String> dead = ended.stream()
                .filter(one -> one.session().equals(sessionId))
                .map(Ended::generation)
                .collect(Collectors.toSet());
        for (int i = ended.size() - 1; i >= 0 && !dead.contains(ended.get(i).generation()); i--) {
            alive.add(ended.get(i).generation());
        }
        if (sessionId.equals(sparedSession)) {
            alive.addAll(kept);
        }
        return alive.stream().distinct();
    }

    /** Returns the next generation, in which no token stays alive. */
    Generation next() {
        return new Generation(drawn(), "", List.of(), List.of());
    }

    /** Returns the next generation, in which only those tokens of the spared session stay alive that are alive now. */
    Generation nextSparing(String sessionId) {
        return new Generation(
                drawn(), sessionId, aliveIn(sessionId).limit(MAX_KEPT).toList(), List.of());
    }

    /**
     * Returns the next generation, in which all tokens stay alive that are alive now, except those of some sessions. Of
     * thousands of sessions not all are noted. Their tokens are dead all the same, because the sessions are gone; a note
     * only matters for a session that the person opens again under the same id in the same second.
     */
    Generation nextEnding(Set<String> sessionIds) {
        List<Ended> all = new ArrayList<>(ended);
        sessionIds.stream()
                .limit(MAX_ENDED / 2)
                .map(id -> new Ended(current, id))
                .forEach(all::add);
        List<Ended> newest = newest(all);
        return sessionIds.contains(sparedSession)
                ? new Generation(drawn(), "", List.of(), newest)
                : new Generation(drawn(), sparedSession, kept, newest);
    }

    /** Forgets the oldest. Sessions that were ended together are forgotten together, or some would live again. */
    private static List<Ended> newest(List<Ended> all) {
        int from = Math.max(0, all.size() - MAX_ENDED);
        while (from > 0 && all.get(from).generation().equals(all.get(from - 1).generation())) {
            from++;
        }
        return all.subList(from, all.size());
    }

    private static String drawn() {
        return SecretGenerator.getInstance().randomString(LENGTH);
    }
}
