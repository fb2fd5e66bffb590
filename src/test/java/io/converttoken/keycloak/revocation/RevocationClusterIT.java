// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.KeycloakCluster;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.Facebook;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A revocation that is committed outlives the node that was to make it, and no other node makes it a second time. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RevocationClusterIT {

    private static final int PEOPLE = 100;
    private static final Duration RECOVERED = Duration.ofMinutes(3);

    @AutoClose
    private static SocialHosts hosts;

    @AutoClose
    private static KeycloakCluster cluster;

    private static Apple apple;
    private static Facebook facebook;
    private static TestRealm first;
    private static TestRealm second;

    @BeforeAll
    static void start(@TempDir Path directory) {
        assumeTrue(KeycloakServer.isDistribution(), "nodes are started from the distribution");
        hosts = SocialHosts.start(directory);
        apple = hosts.get(Apple.class);
        facebook = hosts.get(Facebook.class);
        cluster = KeycloakCluster.start(
                2,
                hosts,
                List.of(
                        "--spi-events-listener--convert-token-revocation--interval-millis=500",
                        "--spi-events-listener--convert-token-revocation--first-retry-millis=1000",
                        "--spi-events-listener--convert-token-revocation--sweep-millis=1000",
                        "--spi-events-listener--convert-token-revocation--sweep-grace-millis=1000"));
        first = TestRealm.createIn(cluster.node(0));
        second = first.through(cluster.node(1));
        first.addSocialProvider("apple", apple, Map.of("storeToken", "true"))
                .addConvertTokenMapper("apple", Map.of("allowedClients", "*"))
                .addSocialProvider("facebook", facebook, Map.of())
                .addConvertTokenMapper("facebook", Map.of("allowedClients", "*", "revokeTokens", "true"));
    }

    @Test
    @Order(2)
    void everyTokenIsRevokedOnceThoughTheProviderFailsAndANodeDies() {
        first.clearEvents();
        Map<String, String> tokens = new LinkedHashMap<>();
        for (int i = 0; i < PEOPLE; i++) {
            Person person = first.newUser();
            first.admin().addFederatedIdentity(first.name(), person.username(), "apple", person);
            tokens.put(person.username(), "r-of-" + person.subject());
        }
        // as a browser login stores it; the browser's address of the cluster leads nowhere
        cluster.execute(
                "update federated_identity set token = '{\"refresh_token\":\"r-of-' || federated_user_id || '\"}'"
                        + " where identity_provider = 'apple'");
        apple.revocation().answersStatus(503);

        tokens.keySet().forEach(user -> first.admin().deleteUser(first.name(), user));
        Await.until("calls that fail", RECOVERED, () -> apple.revocation().requestCount() > 0);
        cluster.kill(0);
        Await.until("nobody calls", RECOVERED, RevocationClusterIT::isQuiet);
        int failed = apple.revocation().requestCount();
        Await.until(
                "calls of the other node", RECOVERED, () -> apple.revocation().requestCount() > failed);
        apple.revocation().reset();

        Await.until("all revocations", RECOVERED, () -> events() == PEOPLE);
        assertThat(revoked()).containsExactlyInAnyOrderElementsOf(tokens.values());
    }

    /** As Keycloak deletes all users of a user federation provider. */
    @Test
    @Order(1)
    void whatVanishesWithoutAWordIsFound() {
        Person gone = facebook.newcomer();
        Person kept = facebook.newcomer();
        ProviderEndpoint ofGone = facebook.permissionsOf(gone);
        ProviderEndpoint ofKept = facebook.permissionsOf(kept);
        for (Person person : List.of(gone, kept)) {
            first.convert("facebook", facebook.accessToken(person).mint()).expect(200);
        }

        cluster.execute("delete from federated_identity where federated_user_id = '" + gone.subject() + "'");

        Await.until("a revocation", RECOVERED, () -> ofGone.requestCount() == 1);
        assertThat(ofKept.requestCount()).isZero();
    }

    /** The node that was killed makes no call any more when its last one has been answered. */
    private static boolean isQuiet() {
        int before = apple.revocation().requestCount();
        LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
        return apple.revocation().requestCount() == before;
    }

    private static List<String> revoked() {
        return apple.revocation().requests().stream()
                .map(call -> call.form().getOrDefault("token", ""))
                .toList();
    }

    private static long events() {
        return second.admin()
                .get(second.name() + "/events?type=REVOKE_GRANT&max=1000")
                .size();
    }
}
