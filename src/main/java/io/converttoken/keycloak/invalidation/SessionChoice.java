// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

/**
 * Which of a user's sessions an invalidation is about.
 *
 * @param kind how the session is meant
 * @param sessionId id of a user session; empty where all are meant
 */
public record SessionChoice(Kind kind, String sessionId) {

    /** How the session is meant. */
    enum Kind {
        ALL,
        ALL_BUT_ONE,
        ONE
    }

    /** Every session. */
    public static SessionChoice all() {
        return new SessionChoice(Kind.ALL, "");
    }

    /** Every session but this one. */
    public static SessionChoice allBut(String sessionId) {
        return new SessionChoice(Kind.ALL_BUT_ONE, sessionId);
    }

    /** This session alone, online and offline. */
    public static SessionChoice only(String sessionId) {
        return new SessionChoice(Kind.ONE, sessionId);
    }

    boolean isAll() {
        return kind == Kind.ALL;
    }

    /** Returns whether a single session is meant, which may not be there. */
    public boolean isOne() {
        return kind == Kind.ONE;
    }

    boolean includes(String id) {
        return switch (kind) {
            case ALL -> true;
            case ALL_BUT_ONE -> !id.equals(sessionId);
            case ONE -> id.equals(sessionId);
        };
    }

    /** Returns the generation after the present one, in which the refresh tokens of the chosen sessions are dead. */
    Generation after(Generation present) {
        return switch (kind) {
            case ALL -> present.next();
            case ALL_BUT_ONE -> present.nextSparing(sessionId);
            case ONE -> present.nextEnding(sessionId);
        };
    }
}
