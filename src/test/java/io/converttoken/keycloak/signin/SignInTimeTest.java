// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keycloak.models.UserSessionModel;
import org.keycloak.representations.AccessToken;

class SignInTimeTest {

    private static final UserSessionModel NOT_ASKED = session((proxy, method, arguments) -> {
        throw new AssertionError(method.getName());
    });

    /** As core counts: the last second of the age is within it. */
    @ParameterizedTest
    @CsvSource({
        "1000, 300, 1000, true",
        "1000, 300, 1299, true",
        "1000, 300, 1300, true",
        "1000, 300, 1301, false",
        "1000, 1, 1001, true",
        "1000, 1, 1002, false",
        "1000, 0, 1000, false",
        "1000, 2147483647, 2000000000, true",
        "0, 300, 1000, false",
    })
    void edges(long signIn, long maxAge, long now, boolean isWithin) {
        assertThat(new SignInTime(signIn).isWithin(maxAge, now)).isEqualTo(isWithin);
    }

    @Test
    void tokenNamesItsSignIn() {
        assertThat(SignInTime.of(issuedAt(1000, 900L))).isEqualTo(new SignInTime(900));
    }

    @Test
    void noSignInIsLaterThanItsToken() {
        assertThat(SignInTime.of(issuedAt(1000, 1100L))).isEqualTo(new SignInTime(1000));
        assertThat(SignInTime.of(issuedAt(1000))).isEqualTo(new SignInTime(1000));
    }

    @Test
    void tokenThatSaysNothingProvesNothing() {
        assertThat(SignInTime.of(new AccessToken())).isEqualTo(new SignInTime(0));
    }

    /** Core makes up a session for it, which has started just now. */
    @Test
    void tokenWithoutASessionProvesNothing() {
        for (AccessToken token : List.of(issuedAt(1000), issuedAt(1000, 1000L))) {
            assertThat(SignInTime.of(token, NOT_ASKED)).isEqualTo(new SignInTime(0));
        }
    }

    /** A refresh just before the person signs in again would make a stolen one recent by the time that it was issued. */
    @ParameterizedTest
    @CsvSource({"900, 900", "1000, 1000", "1001, 0", "1100, 0"})
    void tokenThatDoesNotNameItsSignInHasTheOneBeforeIt(long ofSession, long expected) {
        AccessToken token = issuedAt(1000);
        token.setSessionId("session");

        assertThat(SignInTime.of(token, signedInAt(ofSession))).isEqualTo(new SignInTime(expected));
    }

    @ParameterizedTest
    @CsvSource({"900, 900", "950, 950", "1100, 950"})
    void ofTokenAndSessionTheOlderCounts(long ofSession, long expected) {
        AccessToken token = issuedAt(1000, 950);
        token.setSessionId("session");

        assertThat(SignInTime.of(token, signedInAt(ofSession))).isEqualTo(new SignInTime(expected));
    }

    private static UserSessionModel signedInAt(long time) {
        return session((proxy, method, arguments) -> Long.toString(time));
    }

    private static UserSessionModel session(InvocationHandler handler) {
        return (UserSessionModel) Proxy.newProxyInstance(
                SignInTimeTest.class.getClassLoader(), new Class<?>[] {UserSessionModel.class}, handler);
    }

    private static AccessToken issuedAt(long time) {
        AccessToken token = new AccessToken();
        token.iat(time);
        return token;
    }

    private static AccessToken issuedAt(long time, long authTime) {
        AccessToken token = issuedAt(time);
        token.setAuth_time(authTime);
        return token;
    }
}
