// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.keycloak.models.KeycloakSession;

/** Each kind of probe finds what Keycloak has, and reports what Keycloak has not. */
final class InternalWayTest {

    private static final String CONSTANTS = "org.keycloak.models.Constants";
    private static final String POLICIES = "org.keycloak.services.clientpolicy.DefaultClientPolicyManager";
    private static final String LINK = "org.keycloak.models.FederatedIdentityModel";
    private static final String TOKEN = "org.keycloak.representations.JsonWebToken";
    private static final String TOKENS = "org.keycloak.protocol.oidc.RefreshTokenIntrospectionProviderFactory";
    private static final String RENAMED = "org.keycloak.models.NoSuchType";

    /** These probes look at classes alone. */
    private static final KeycloakSession UNASKED = (KeycloakSession) Proxy.newProxyInstance(
            InternalWayTest.class.getClassLoader(),
            new Class<?>[] {KeycloakSession.class},
            (session, method, values) -> {
                throw new AssertionError(method + " was called");
            });

    static Stream<Arguments> kinds() {
        return Stream.of(
                row("type", InternalWay.type(CONSTANTS, ""), InternalWay.type(RENAMED, "")),
                row(
                        "method",
                        InternalWay.method(POLICIES, "void triggerOnEvent", List.of("ClientPolicyContext"), ""),
                        InternalWay.method(POLICIES, "void triggerOnEvent", List.of("ClientPolicyEvent"), ""),
                        InternalWay.method(POLICIES, "boolean triggerOnEvent", List.of("ClientPolicyContext"), ""),
                        InternalWay.method(POLICIES, "void triggerOnEvents", List.of("ClientPolicyContext"), ""),
                        InternalWay.method(RENAMED, "void triggerOnEvent", List.of("ClientPolicyContext"), "")),
                row(
                        "constructor",
                        InternalWay.constructor(LINK, List.of("String", "String", "String"), ""),
                        InternalWay.constructor(LINK, List.of("String"), ""),
                        InternalWay.constructor(RENAMED, List.of("String", "String", "String"), "")),
                row(
                        "field",
                        InternalWay.field(TOKEN, "otherClaims", Map.class, ""),
                        InternalWay.field(TOKEN, "otherClaim", Map.class, ""),
                        InternalWay.field(TOKEN, "otherClaims", List.class, ""),
                        InternalWay.field(RENAMED, "otherClaims", Map.class, "")),
                row(
                        "constant",
                        InternalWay.constant(CONSTANTS, "ADMIN_CLI_CLIENT_ID", "admin-cli", ""),
                        InternalWay.constant(CONSTANTS, "ADMIN_CLI_CLIENT_ID", "admin-client", ""),
                        InternalWay.constant(CONSTANTS, "ADMIN_CLI_CLIENT", "admin-cli", ""),
                        InternalWay.constant(RENAMED, "ADMIN_CLI_CLIENT_ID", "admin-cli", "")),
                row(
                        "providerId",
                        InternalWay.providerId(TOKENS, "refresh_token", ""),
                        InternalWay.providerId(TOKENS, "refresh", ""),
                        InternalWay.providerId(RENAMED, "refresh_token", "")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void whatIsThere_isFound(String kind, InternalWay there, List<InternalWay> missing) {
        assertThat(there.isThere(UNASKED)).isTrue();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void whatIsMissing_isReported(String kind, InternalWay there, List<InternalWay> missing) {
        assertThat(missing).isNotEmpty().noneMatch(way -> way.isThere(UNASKED));
    }

    /** A kind of probe that no row above names would never have been seen to report anything. */
    @Test
    void everyKindIsTested() {
        Set<String> kinds = Arrays.stream(InternalWay.class.getDeclaredMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers()))
                .filter(method -> method.getReturnType() == InternalWay.class)
                .map(Method::getName)
                .collect(Collectors.toSet());

        assertThat(kinds()).extracting(row -> (String) row.get()[0]).containsExactlyInAnyOrderElementsOf(kinds);
    }

    private static Arguments row(String kind, InternalWay there, InternalWay... missing) {
        return Arguments.of(kind, there, List.of(missing));
    }
}
