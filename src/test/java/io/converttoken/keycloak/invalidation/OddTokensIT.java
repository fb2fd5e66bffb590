// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Jwts;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is introspected comes from anybody: whatever it says of itself, it is inactive, and no fault of the request. */
@ExtendWith(KeycloakExtension.class)
class OddTokensIT {

    private static final List<String> HINTS = List.of("", "access_token", "refresh_token", "requesting_party_token");

    private static TestRealm realm;
    private static Answer tokens;

    @BeforeAll
    static void tokens(TestRealm testRealm) {
        realm = testRealm;
        Person user = realm.newUser();
        tokens = realm.signIn(TestRealm.APP, user);
    }

    @ParameterizedTest
    @MethodSource
    void changedTokenIsInactive(String claim, @Nullable Object value) {
        for (String token : List.of(tokens.refreshToken(), tokens.accessToken())) {
            assertInactive(Jwts.withClaim(token, claim, value));
        }
    }

    static Stream<Object[]> changedTokenIsInactive() {
        List<@Nullable Object> values = new ArrayList<>(
                Arrays.asList(null, "", "x", 0, -1, 1.5, true, List.of(), List.of("x"), Map.of(), Map.of("x", 1)));
        return Stream.of("typ", "azp", "sid", "sub", "rtg", "jti", "aud", "iat", "exp")
                .flatMap(claim -> values.stream().map(value -> new Object[] {claim, value}));
    }

    @ParameterizedTest
    @MethodSource
    void whatIsNoTokenIsInactive(String payload) {
        for (String token : List.of(tokens.refreshToken(), tokens.accessToken())) {
            assertInactive(Jwts.withPayload(token, payload));
        }
    }

    static Stream<String> whatIsNoTokenIsInactive() {
        return Stream.of(
                "{}", "[]", "\"x\"", "1", "true", "{", "{\"typ\":\"Refresh\"}", "{\"typ\":{\"typ\":\"Refresh\"}}");
    }

    private static void assertInactive(String token) {
        for (String hint : HINTS) {
            Answer answer = realm.call("/protocol/openid-connect/token/introspect")
                    .as(TestRealm.APP)
                    .param("token", token)
                    .params(hint.isEmpty() ? Map.of() : Map.of("token_type_hint", hint))
                    .post();
            assertThat(answer.expect(200).text()).as(hint).isEqualTo("{\"active\":false}");
        }
    }
}
