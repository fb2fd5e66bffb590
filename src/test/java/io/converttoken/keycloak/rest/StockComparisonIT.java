// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.rest.stock.Recording;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Installing breaks nothing: a server with the extension, of which the realm makes no use, answers Keycloak's own endpoints
 * as a stock server does, and leaves the same events.
 */
@ExtendWith(KeycloakExtension.class)
@SuppressWarnings("NullAway.Init")
class StockComparisonIT {

    private static final int CALLS_AT_LEAST = 60;

    /** Lines that the extension adds or changes, in the calls and for the reason given. */
    private record Intended(Pattern calls, Pattern lines, String reason) {

        static Intended line(String calls, String lines, String reason) {
            return new Intended(Pattern.compile(calls), Pattern.compile(lines), reason);
        }

        boolean explains(String call, String line) {
            return calls.matcher(call).matches() && lines.matcher(line).matches();
        }

        @Override
        public String toString() {
            return reason;
        }
    }

    private static final List<Intended> INTENDED = List.of(
            Intended.line(
                    ".*",
                    ".*\\.claims\\.rtg = .*",
                    "refresh tokens say their generation, by which they are invalidated"),
            Intended.line(
                    ".*",
                    ".*refresh_token\\.claims\\.auth_time = \\{time}",
                    "refresh tokens say when the user signed in, to which a refresh goes back"),
            Intended.line(
                    "public pages: (OpenID Connect|UMA) discovery",
                    "body\\.grant_types_supported\\[] = convert_token",
                    "the grant is announced"),
            Intended.line(
                    "identity providers: mapper types",
                    "body\\.convert-token\\..*",
                    "the mapper makes an identity provider a backend"),
            Intended.line(
                    "admin API: server",
                    "body\\.componentTypes\\..*IdentityProviderMapper\\[convert-token]\\..*",
                    "the server lists the mapper"),
            Intended.line(
                    "admin API: server",
                    "body\\.providers\\.[\\w-]+\\.providers\\.(auth|convert-token|convert-token-mapper|convert-token-revocation|convert-token-signals|convert_token)\\..*",
                    "the server lists the other providers of the extension"),
            Intended.line(
                    "admin API: server",
                    "body\\.providers\\.(client-policy-manager|oauth2-token-introspection)\\.providers\\"
                            + ".(default|access_token|refresh_token|requesting_party_token)\\.(order|operationalInfo) = .*",
                    "some of its providers take the place of Keycloak's own"),
            Intended.line(
                    "admin API: server",
                    "body\\.providers\\.identity_provider\\.providers\\.oidc\\.order = .*",
                    "one makes the client secret of browser logins through Apple"),
            Intended.line(
                    "admin API: server",
                    "body\\.themes\\..*\\[convert-token].*",
                    "the server lists the theme of the explorer"));

    private static Recording stock;
    private static Recording extended;

    @BeforeAll
    static void record(KeycloakServer keycloak) {
        assumeTrue(KeycloakServer.isDistribution(), "the stock server is started from the distribution");
        CompletableFuture<KeycloakServer> starting = CompletableFuture.supplyAsync(
                () -> KeycloakServer.startStock(KeycloakServer.CERTIFICATES, "keycloak-it-stock.log"));
        try {
            extended = Recording.of(keycloak);
            stock = Recording.of(starting.join());
        } finally {
            starting.join().close();
        }
    }

    @Test
    void thereAreManyCalls() {
        assertThat(stock.names()).hasSizeGreaterThanOrEqualTo(CALLS_AT_LEAST);
    }

    @Test
    void allCallsAreMade() {
        assertThat(stock.broken()).isEmpty();
        assertThat(extended.broken()).isEmpty();
        assertThat(extended.names()).isEqualTo(stock.names());
    }

    @ParameterizedTest
    @MethodSource("calls")
    void answersAreThoseOfStockKeycloak(String call) {
        List<String> expected = unintended(call, stock);
        List<String> actual = unintended(call, extended);

        assertSoftly(softly -> {
            softly.assertThat(without(expected, actual)).as("stock only").isEmpty();
            softly.assertThat(without(actual, expected)).as("extension only").isEmpty();
        });
    }

    private static List<String> unintended(String call, Recording recording) {
        return recording.outcome(call).stream()
                .filter(line -> INTENDED.stream().noneMatch(difference -> difference.explains(call, line)))
                .toList();
    }

    /** Each line as often as it is left over. */
    private static List<String> without(List<String> lines, List<String> others) {
        List<String> left = new ArrayList<>(lines);
        others.forEach(left::remove);
        return left;
    }

    static Stream<String> calls() {
        return stock.names().stream();
    }

    /** A difference that is there no longer is to be taken out of the list. */
    @ParameterizedTest
    @FieldSource("INTENDED")
    void intendedDifferenceIsThere(Intended difference) {
        assertThat(extended.names())
                .anyMatch(call -> extended.outcome(call).stream().anyMatch(line -> difference.explains(call, line)));
    }
}
