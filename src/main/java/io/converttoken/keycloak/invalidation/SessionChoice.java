// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import java.util.Set;

/**
 * Which of a user's sessions an invalidation is about.
 *
 * @param kind how the sessions are meant
 * @param sessionIds ids of user sessions; none where all are meant
 */
public record SessionChoice(Kind kind, Set<String> sessionIds) {

    /** How the sessions are meant. */
    enum Kind {
        ALL,
        ALL_BUT,
        ONLY
    }

    public SessionChoice {
        sessionIds = Set.copyOf(sessionIds);
    }

    /** Every session. */
    public static SessionChoice all() {
        return new SessionChoice(Kind.ALL, Set.of());
    }

    /** Every session but this one. */
    public static SessionChoice allBut(String sessionId) {
        return new SessionChoice(Kind.ALL_BUT, Set.of(sessionId));
    }

    /** This session alone, online and offline. */
    public static SessionChoice only(String sessionId) {
        return only(Set.of(sessionId));
    }

    /** These sessions alone, online and offline. */
    public static SessionChoice only(Set<String> sessionIds) {
        return new SessionChoice(Kind.ONLY, sessionIds);
    }

    boolean isAll() {
        return kind == Kind.ALL;
    }

    /** Returns whether single sessions are meant, which may not be there. */
    public boolean isOfSingleSessions() {
        return kind == Kind.ONLY;
    }

    boolean includes(String id) {
        return switch (kind) {
            case ALL -> true;
            case ALL_BUT -> !sessionIds.contains(id);
            case ONLY -> sessionIds.contains(id);
        };
    }

    /** Returns the generation after the present one, in which the refresh tokens of the chosen sessions are dead. */
    Generation after(Generation present) {
        return switch (kind) {
            case ALL -> present.next();
            case ALL_BUT -> present.nextSparing(sessionIds.iterator().next());
            case ONLY -> present.nextEnding(sessionIds);
        };
    }
}
