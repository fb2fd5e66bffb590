// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.BrowserSession;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakCluster;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Metrics;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.SecurityEvents;
import io.converttoken.keycloak.testing.TestRealm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** What was answered with 204 is in force on every node at once, and after the node that answered is gone. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {

    private static final int ROUNDS = 10;

    /** A node looks every ten seconds for what others have deleted. */
    private static final Duration TOLD_NO_MORE = Duration.ofSeconds(30);

    /** Between nodes. */
    private static final Duration MESSAGE_ARRIVED = Duration.ofSeconds(2);

    /** Backends that were found are kept for five seconds. */
    private static final Duration FORGOTTEN = Duration.ofSeconds(10);

    @AutoClose
    private static KeycloakCluster cluster;

    @AutoClose
    private static final FakeProvider provider = FakeProvider.start();

    private static final String SIGNALLING = "signalling";

    private static TestRealm first;
    private static TestRealm second;

    @BeforeAll
    static void start() {
        assumeTrue(KeycloakServer.isDistribution(), "nodes are started from the distribution");
        cluster = KeycloakCluster.start(2);
        first = TestRealm.createIn(cluster.node(0));
        second = first.through(cluster.node(1));
        first.admin().updateRealm(first.name(), Map.of("accessTokenLifespan", 3600));
        Invalidations.letIntrospectItself(first.admin(), first.name(), "app");
        first.addOidcProvider(SIGNALLING, provider)
                .addConvertTokenMapper(SIGNALLING, Map.of("allowedClients", "*", "signals", "true"));
    }

    /** A provider tells it to one node, and both caches know the session. */
    @RepeatedTest(ROUNDS)
    @Order(1)
    void sessionThatASignalEndsIsUnknownToTheOtherNodeInTheNextRequest() {
        Person person = Person.unknown();
        Answer online = convert(first, person, "openid");
        Answer offline = convert(second, person, "openid offline_access");
        for (TestRealm node : List.of(first, second)) {
            for (Answer tokens : List.of(online, offline)) {
                node.userInfo(tokens.accessToken()).expect(200);
            }
        }

        signal(first, person);

        for (Answer tokens : List.of(online, offline)) {
            second.refresh(TestRealm.APP, tokens.refreshToken()).expect(400);
            second.userInfo(tokens.accessToken()).expect(401);
        }
    }

    private static Answer convert(TestRealm node, Person person, String scope) {
        return node.conversion(SIGNALLING, provider.idToken(person).mint())
                .param("scope", scope)
                .post()
                .expect(200);
    }

    private static void signal(TestRealm node, Person person) {
        SecurityEvents.send(node, SIGNALLING, SecurityEvents.sessionRevoked(provider, person.subject()))
                .expect(202);
    }

    /** Both caches know the session before it is invalidated. */
    @RepeatedTest(ROUNDS)
    @Order(1)
    void refreshTokenIsRefusedByTheOtherNodeInTheNextRequest() {
        Person user = first.newUser();
        Answer online = signIn(first, user);
        Answer offline = first.signInOffline(TestRealm.APP, user);
        Answer onSecond = second.refresh(TestRealm.APP, online.refreshToken()).expect(200);
        Answer offlineOnSecond =
                second.refresh(TestRealm.APP, offline.refreshToken()).expect(200);

        invalidate(first, "invalidate-refresh-tokens", online);

        for (Answer tokens : List.of(online, offline, onSecond, offlineOnSecond)) {
            assertThat(second.refresh(TestRealm.APP, tokens.refreshToken())
                            .expect(400)
                            .error())
                    .isEqualTo("invalid_grant");
        }
        assertThat(isActive(second, onSecond.refreshToken())).isFalse();
        assertThat(second.userInfo(online.accessToken()).status()).isEqualTo(200);
        Answer again = signIn(first, user);
        second.refresh(TestRealm.APP, again.refreshToken()).expect(200);
    }

    @RepeatedTest(ROUNDS)
    @Order(1)
    void sessionIsUnknownToTheOtherNodeInTheNextRequest() {
        Person user = first.newUser();
        Answer online = signIn(first, user);
        Answer offline = second.signInOffline(TestRealm.APP, user);
        for (TestRealm node : List.of(first, second)) {
            for (Answer tokens : List.of(online, offline)) {
                assertThat(node.userInfo(tokens.accessToken()).status()).isEqualTo(200);
            }
        }

        invalidate(first, "invalidate-sessions", online);

        for (Answer tokens : List.of(online, offline)) {
            assertThat(second.userInfo(tokens.accessToken()).status()).isEqualTo(401);
            assertThat(second.refresh(TestRealm.APP, tokens.refreshToken())
                            .expect(400)
                            .error())
                    .isEqualTo("invalid_grant");
            assertThat(first.userInfo(tokens.accessToken()).status()).isEqualTo(401);
        }
    }

    /** The other node has the session in its cache, which another client keeps. */
    @RepeatedTest(ROUNDS)
    @Order(1)
    void codeFromBeforeIsRefusedByTheOtherNode() {
        Person user = first.newUser();
        BrowserSession browser = BrowserSession.signedIn(first, TestRealm.APP, user);
        Answer ofOther = browser.tokens(TestRealm.MOBILE);
        Answer dead = browser.tokens(TestRealm.APP);
        String code = browser.code(TestRealm.APP);
        second.refresh(TestRealm.MOBILE, ofOther.refreshToken()).expect(200);
        second.refresh(TestRealm.APP, dead.refreshToken()).expect(200);

        invalidate(first, "invalidate-sessions", dead);
        Answer living = browser.tokens(TestRealm.APP);

        assertThat(BrowserSession.redeem(second, TestRealm.APP, code)
                        .expect(400)
                        .error())
                .isEqualTo("invalid_grant");
        Answer next = second.refresh(TestRealm.APP, living.refreshToken()).expect(200);
        first.refresh(TestRealm.APP, next.refreshToken()).expect(200);
        second.refresh(TestRealm.MOBILE, ofOther.refreshToken()).expect(200);
    }

    /** The other node has cached the generation before; whatever it issues until it hears of the new one is dead. */
    @RepeatedTest(ROUNDS)
    @Order(1)
    void tokensOfTheNextLoginAreAliveOnTheOtherNodeToo() {
        Person user = first.newUser();
        Answer former = signIn(second, user);

        invalidate(first, "invalidate-refresh-tokens", signIn(first, user));

        Answer next = Await.untilPresent(
                "a login of the new generation",
                MESSAGE_ARRIVED,
                () -> Optional.of(signIn(second, user))
                        .filter(answer -> !Invalidations.generation(answer).equals(Invalidations.generation(former))));
        second.refresh(TestRealm.APP, next.refreshToken()).expect(200);
        first.refresh(TestRealm.APP, next.refreshToken()).expect(200);
    }

    /** Sooner than the other node would forget by itself what backends it has found. */
    @Test
    @Order(1)
    void backendThatIsDeletedIsGoneOnTheOtherNodeInAMoment() {
        try (FakeProvider provider = FakeProvider.start()) {
            first.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "app"));
            assertThat(convert(first, "social", provider).status()).isEqualTo(200);
            assertThat(convert(second, "social", provider).status()).isEqualTo(200);

            first.removeConvertTokenMapper("social");

            assertThat(convert(first, "social", provider).status()).isEqualTo(400);
            Await.until(
                    "the backend is gone",
                    MESSAGE_ARRIVED,
                    () -> convert(second, "social", provider).status() == 400);
        }
    }

    /** As if the message that tells of it had been lost: it is in force in seconds, and stays so. */
    @Test
    @Order(1)
    void backendThatIsRestrictedUnheardIsRestrictedWithinSeconds() {
        try (FakeProvider provider = FakeProvider.start()) {
            first.addOidcProvider("unheard", provider)
                    .addConvertTokenMapper("unheard", Map.of("allowedClients", "app"));
            for (int i = 0; i < ROUNDS; i++) {
                assertThat(convert(second, "unheard", provider).status()).isEqualTo(200);
            }

            cluster.execute(
                    "update idp_mapper_config set value = 'mobile' where name = 'allowedClients' and idp_mapper_id in"
                            + " (select id from identity_provider_mapper where idp_alias = 'unheard')");

            Await.until(
                    "the backend is restricted",
                    FORGOTTEN,
                    () -> convert(second, "unheard", provider).status() == 400);
            for (int i = 0; i < ROUNDS; i++) {
                assertThat(convert(second, "unheard", provider).expect(400).error())
                        .isEqualTo("unauthorized_client");
            }
        }
    }

    /** {@code -Dcluster.kills=10} does it ten times over. */
    /** Keycloak tells only the node that deletes. */
    @Test
    @Order(1)
    void metricsOfWhatIsDeletedDisappearOnTheOtherNodeToo() {
        TestRealm deleted = TestRealm.createIn(cluster.node(0), "deleted-");
        TestRealm deletedOnSecond = deleted.through(cluster.node(1));
        try (FakeProvider provider = FakeProvider.start()) {
            for (TestRealm realm : List.of(first, deleted)) {
                realm.addOidcProvider("told", provider).addConvertTokenMapper("told", Map.of("allowedClients", "*"));
            }
            for (TestRealm realm : List.of(second, deletedOnSecond)) {
                convert(realm, "told", provider).expect(200);
            }
        }
        assertThat(told(first.name(), "told")).isNotEmpty();
        assertThat(told(deleted.name(), "told")).isNotEmpty();

        first.admin().deleteIdentityProvider(first.name(), "told");
        deleted.close();

        Await.until(
                "the other node tells of neither",
                TOLD_NO_MORE,
                () -> told(first.name(), "told").isEmpty()
                        && told(deleted.name(), "").isEmpty());
    }

    private static List<String> told(String realm, String backend) {
        return Metrics.of(cluster.node(1))
                .text()
                .lines()
                .filter(line -> line.startsWith("convert_token")
                        && line.contains("realm=\"" + realm + "\"")
                        && line.contains("backend=\"" + backend))
                .toList();
    }

    @Test
    @Order(2)
    void whatWasAnsweredSurvivesTheNodeThatAnsweredAndARestartOfAll() {
        for (int kill = 0; kill < Integer.getInteger("cluster.kills", 1); kill++) {
            survivesKills();
        }
    }

    private static void survivesKills() {
        List<Answer> dead = new ArrayList<>();
        List<Answer> ended = new ArrayList<>();
        List<Person> signalled = new ArrayList<>();
        List<Answer> ofDismissed = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            Person user = first.newUser();
            dead.add(signIn(first, user));
            dead.add(first.signInOffline(TestRealm.APP, user));
            Person gone = first.newUser();
            ended.add(signIn(first, gone));
            ended.add(first.signInOffline(TestRealm.APP, gone));
            Person dismissed = Person.unknown();
            signalled.add(dismissed);
            ofDismissed.add(convert(first, dismissed, "openid"));
            ofDismissed.add(convert(first, dismissed, "openid offline_access"));
        }
        Answer untouched = signIn(first, first.newUser());

        for (int i = 0; i < ROUNDS; i++) {
            invalidate(first, "invalidate-refresh-tokens", dead.get(2 * i));
            invalidate(first, "invalidate-sessions", ended.get(2 * i));
            signal(first, signalled.get(i));
        }
        cluster.kill(0);
        ended.addAll(ofDismissed);
        assertInForce(second, dead, ended);

        cluster.kill(1);
        first = first.through(cluster.restart(0));
        second = second.through(cluster.restart(1));
        assertInForce(first, dead, ended);
        assertInForce(second, dead, ended);
        second.refresh(TestRealm.APP, untouched.refreshToken()).expect(200);
    }

    private static void assertInForce(TestRealm node, List<Answer> dead, List<Answer> ended) {
        for (Answer tokens : dead) {
            assertThat(node.refresh(TestRealm.APP, tokens.refreshToken())
                            .expect(400)
                            .error())
                    .isEqualTo("invalid_grant");
            assertThat(node.userInfo(tokens.accessToken()).status()).isEqualTo(200);
        }
        for (Answer tokens : ended) {
            assertThat(node.refresh(TestRealm.APP, tokens.refreshToken())
                            .expect(400)
                            .error())
                    .isEqualTo("invalid_grant");
            assertThat(node.userInfo(tokens.accessToken()).status()).isEqualTo(401);
        }
    }

    private static Answer signIn(TestRealm node, Person user) {
        return node.signIn(TestRealm.APP, user);
    }

    private static void invalidate(TestRealm node, String endpoint, Answer tokens) {
        Invalidations.call(node, endpoint, tokens.accessToken(), "app").post().expect(204);
    }

    private static Answer convert(TestRealm node, String backend, FakeProvider provider) {
        return node.convert(
                backend, provider.idToken(Person.named("visitor-of-" + backend)).mint());
    }

    private static boolean isActive(TestRealm node, String refreshToken) {
        return node.introspect(TestRealm.APP, refreshToken)
                .expect(200)
                .json()
                .path("active")
                .asBoolean();
    }
}
