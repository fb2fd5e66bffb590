// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signin;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.ImpersonationSessionNote;
import org.keycloak.models.UserSessionModel;
import org.keycloak.representations.AccessToken;
import org.keycloak.representations.IDToken;
import org.keycloak.services.managers.AuthenticationManager;

/**
 * When a person proved who they are. In doubt it is the earlier time, because a later one opens doors.
 *
 * @param seconds since the epoch
 */
public record SignInTime(long seconds) {

    private static final SignInTime NEVER = new SignInTime(0);

    /**
     * The last sign-in of a session: what its note says, or its start where there is no note, as after a password grant. In
     * a session in which an administrator has become the user, only a note tells of a sign-in.
     */
    public static SignInTime of(UserSessionModel userSession) {
        String note = userSession.getNote(AuthenticationManager.AUTH_TIME);
        if (note != null) {
            return parse(note);
        }
        boolean isImpersonated = userSession.getNote(ImpersonationSessionNote.IMPERSONATOR_ID.toString()) != null;
        return isImpersonated ? NEVER : new SignInTime(userSession.getStarted());
    }

    /**
     * The sign-in that a token goes back to: the one that it names, and none that came after it was issued. A session may
     * know of a later one, by which the token of an earlier one, perhaps stolen since, has not become newer.
     */
    public static SignInTime of(IDToken token) {
        SignInTime issued = new SignInTime(orNever(token.getIat()));
        return Optional.ofNullable(token.getAuth_time())
                .map(SignInTime::new)
                .map(issued::orEarlier)
                .orElse(issued);
    }

    /**
     * The sign-in that an access token proves; none where the token has no session. A lightweight token does not name its
     * sign-in, which is the session's then. If the session knows only of one that came after the token was issued, nobody
     * knows any more when the token's was.
     */
    public static SignInTime of(AccessToken token, UserSessionModel userSession) {
        if (token.getSessionId() == null) {
            return NEVER;
        }
        SignInTime ofToken = of(token);
        SignInTime ofSession = of(userSession);
        boolean isForgotten = token.getAuth_time() == null && ofSession.isAfter(ofToken);
        return isForgotten ? NEVER : ofToken.orEarlier(ofSession);
    }

    public boolean isAfter(SignInTime other) {
        return seconds > other.seconds;
    }

    /**
     * Returns whether the sign-in is recent. Zero asks for a sign-in at every single time, as in core, and no token shows one.
     *
     * @param maxAge seconds that the sign-in may be old
     * @param now seconds since the epoch
     */
    public boolean isWithin(long maxAge, long now) {
        return maxAge > 0 && seconds + maxAge >= now;
    }

    private SignInTime orEarlier(SignInTime other) {
        return isAfter(other) ? other : this;
    }

    private static long orNever(@Nullable Long time) {
        return time == null ? NEVER.seconds : time;
    }

    private static SignInTime parse(String note) {
        try {
            return new SignInTime(Long.parseLong(note));
        } catch (NumberFormatException e) {
            return NEVER;
        }
    }
}
