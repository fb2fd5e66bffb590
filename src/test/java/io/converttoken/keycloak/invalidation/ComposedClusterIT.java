// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.ComposedCluster;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.TestClient;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The cluster that the README starts: the paths of drf-social-oauth2 through the proxy, and a node that dies. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ComposedClusterIT {

    private static final TestClient APP = TestClient.confidential("demo-app", "demo-app-secret");
    private static final List<String> NODES = List.of("keycloak-1", "keycloak-2");
    private static final String TOKEN = "/auth/token";

    /** Round robin: more than enough for each node to be asked. */
    private static final int TURNS = 6;

    /** For this long and longer the node that is left says that it is not ready. */
    private static final Duration UNREADY = Duration.ofSeconds(20);

    private static final Duration LOGGED = Duration.ofSeconds(30);

    @AutoClose
    private static ComposedCluster cluster;

    @BeforeAll
    static void start() {
        assumeFalse(KeycloakServer.isDistribution(), "the cluster is composed of containers");
        assumeTrue(ComposedCluster.isPossible(), "no Docker engine with postgres:15 and haproxy:2.6 answers");
        cluster = ComposedCluster.start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/auth/convert-token", "/auth/convert-token/"})
    @Order(1)
    void djangoClientConvertsUnchanged(String path) {
        Answer answer = convert(path).expect(200);

        assertThat(answer.json().path("user").path("email").asText()).isEqualTo("bob@example.com");
        assertThat(answer.accessTokenClaims().path("iss").asText())
                .isEqualTo(cluster.base().resolve("/realms/demo").toString());
    }

    @ParameterizedTest
    @MethodSource("io.converttoken.keycloak.testing.TestRealm#posts")
    @Order(1)
    void pathOfDjangoIsOurs(String name) {
        for (String path : List.of("/auth/" + name, "/auth/" + name + "/", "/auth/" + name + "/?a=b")) {
            assertThat(cluster.call(path).post().error())
                    .as(path)
                    .isIn("invalid_request", "invalid_client", "invalid_token");
        }
    }

    @Test
    @Order(1)
    void otherPathIsNotRewritten() {
        for (String path : List.of("/auth/", "/auth/token/more", "/auth/tokens", "/auth", "/x/auth/token")) {
            assertThat(cluster.call(path).post().expect(404).error()).as(path).doesNotContain("invalid");
        }
    }

    @Test
    @Order(1)
    void queryIsKept() {
        String query = "?response_type=code&client_id=demo-app&state=a%2Bb&redirect_uri=http://localhost:3000/callback";

        Answer answer = cluster.call("/auth/authorize/" + query).get().expect(302);

        assertThat(answer.header("Location").orElseThrow())
                .startsWith(cluster.base() + "/realms/demo/protocol/openid-connect/auth?")
                .contains("client_id=demo-app")
                .contains("state=a%2Bb");
    }

    @Test
    @Order(1)
    void addressThatACallerMakesUpIsNotBelieved() {
        String made = "203.0.113.9";

        cluster.call("/auth/token")
                .header("X-Forwarded-For", made)
                .header("X-Forwarded-Host", "evil.example")
                .header("Forwarded", "for=" + made)
                .as(APP)
                .param("grant_type", "password")
                .param("username", "alice")
                .param("password", "alice")
                .post()
                .expect(200);

        assertThat(events("LOGIN"))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.path("ipAddress").asText())
                        .isNotBlank()
                        .isNotEqualTo(made));
    }

    @Test
    @Order(2)
    void invalidationIsInForceOnEveryNodeAndAfterOneIsKilled() {
        Answer dead = convert("/auth/convert-token").expect(200);
        Answer other = convert("/auth/convert-token").expect(200);
        for (Answer tokens : List.of(dead, other)) {
            forAllNodes(() -> refresh(tokens).expect(200));
        }

        invalidate("/auth/invalidate-refresh-tokens", dead);
        Answer again = convert("/auth/convert-token").expect(200);
        forAllNodes(() -> assertRefused(dead));
        forAllNodes(() -> assertRefused(other));
        forAllNodes(() -> refresh(again).expect(200));

        cluster.kill("keycloak-1");
        Instant noticed = Instant.now().plus(UNREADY);
        while (Instant.now().isBefore(noticed)) {
            assertThat(againIfCutOff(() -> refresh(dead)).expect(400).error()).isEqualTo("invalid_grant");
            againIfCutOff(() -> refresh(again)).expect(200);
        }
        Answer last = convert("/auth/convert-token/").expect(200);

        invalidate("/auth/invalidate-sessions/", last);
        for (int i = 0; i < TURNS; i++) {
            assertRefused(again);
            assertRefused(last);
            assertThat(userInfo(last).status()).isEqualTo(401);
        }
    }

    @Test
    @Order(3)
    void withoutANodeTheAnswerIsOneOfOAuth() {
        NODES.forEach(cluster::kill);

        Answer answer = againIfCutOff(() -> cluster.call("/auth/token").post()).expect(503);

        assertThat(answer.error()).isEqualTo("temporarily_unavailable");
        assertThat(answer.header("Retry-After")).isPresent();
    }

    /**
     * The proxy knows no answer to what a killed node had in hand, and where a connection has carried a request before
     * it gives none to what it cannot pass on either: it closes the connection, and callers try again.
     */
    private static Answer againIfCutOff(Supplier<Answer> call) {
        try {
            return call.get();
        } catch (UncheckedIOException cutOff) {
            return call.get();
        }
    }

    private static void forAllNodes(Runnable call) {
        List<Long> before = answers();
        for (int i = 0; i < TURNS; i++) {
            call.run();
        }
        Await.until("both nodes have answered", LOGGED, () -> {
            List<Long> after = answers();
            return IntStream.range(0, NODES.size()).allMatch(i -> after.get(i) > before.get(i));
        });
    }

    private static List<Long> answers() {
        return NODES.stream().map(node -> cluster.answers(TOKEN, node)).toList();
    }

    private static Answer convert(String path) {
        return cluster.call(path)
                .as(APP)
                .param("grant_type", "convert_token")
                .param("backend", "social")
                .param("token", bobsIdToken())
                .param("scope", "openid")
                .post();
    }

    private static String bobsIdToken() {
        return cluster.call("/realms/social/protocol/openid-connect/token")
                .as(TestClient.confidential("demo-company", "demo-company-secret"))
                .param("grant_type", "password")
                .param("username", "bob")
                .param("password", "bob")
                .param("scope", "openid")
                .post()
                .expect(200)
                .idToken();
    }

    private static Answer refresh(Answer tokens) {
        return cluster.call("/auth/token")
                .as(APP)
                .param("grant_type", "refresh_token")
                .param("refresh_token", tokens.refreshToken())
                .post();
    }

    private static void assertRefused(Answer tokens) {
        assertThat(refresh(tokens).expect(400).error()).isEqualTo("invalid_grant");
    }

    private static Answer userInfo(Answer tokens) {
        return cluster.call("/realms/demo/protocol/openid-connect/userinfo")
                .bearer(tokens.accessToken())
                .get();
    }

    private static void invalidate(String path, Answer tokens) {
        Call call = cluster.call(path).bearer(tokens.accessToken());
        call.param("client_id", APP.clientId()).post().expect(204);
    }

    private static List<JsonNode> events(String type) {
        return Stream.of(cluster.admin().get("demo/events?max=100&type=" + type))
                .flatMap(list -> list.valueStream())
                .toList();
    }
}
