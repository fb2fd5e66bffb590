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
 * The time when a person proved their identity. In doubt it is the earlier time, because a later one would allow more.
 *
 * @param seconds the seconds since 1970
 */
public record SignInTime(long seconds) {

    private static final SignInTime NEVER = new SignInTime(0);

    /**
     * Returns the last sign-in of a session: the time in its note or, if there is no note, as after a password grant,
     * its start. If an administrator impersonates the user in the session, its start is no sign-in and only a note
     * counts.
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
     * Returns the sign-in that a token goes back to: the one that it names, but none after it was issued. The session
     * may know of a later sign-in. That one does not count, because it does not make an older token, which may have
     * been stolen since, any newer.
     */
    public static SignInTime of(IDToken token) {
        SignInTime issued = new SignInTime(orNever(token.getIat()));
        return Optional.ofNullable(token.getAuth_time())
                .map(SignInTime::new)
                .map(issued::orEarlier)
                .orElse(issued);
    }

    /**
     * Returns the sign-in that an access token proves, or the time 0 if it proves none, as without a session. A
     * lightweight token does not name its sign-in, so the sign-in of its session counts. If the session knows only a
     * sign-in after the token was issued, the sign-in of the token is no longer known.
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
     * Returns whether the sign-in is recent. Zero demands a new sign-in every time, as in Keycloak, and no token proves
     * that.
     *
     * @param maxAge the age that the sign-in may have, in seconds
     * @param now the present time, in seconds since 1970
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
