// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Audiences;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.Seconds;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * What is documented of Keycloak's refresh, revocation, introspection and logout, asked of a server with the extension: by the
 * Server Administration Guide, by the guides on securing applications, and by the standards that these name. Keycloak's own
 * tests are not published. {@link StockComparisonIT} asks a server without the extension the same and more.
 */
@ExtendWith(KeycloakExtension.class)
class DocumentedBehaviourIT {

    private static final String ADMIN_GUIDE = "Server Administration Guide, ";
    private static final String OIDC_GUIDE = "Securing applications and services with OpenID Connect, ";
    private static final int MANY = 8;
    private static final AtomicInteger USERS = new AtomicInteger();

    private static final List<Behaviour> BEHAVIOURS = List.of(
            // refresh
            new Behaviour("RFC 6749, section 6", "a refresh token gives a new access token, which works", user -> {
                Answer next = user.refresh(user.signIn("openid").refreshToken()).expect(200);
                user.realm.userInfo(next.accessToken()).expect(200);
            }),
            new Behaviour("RFC 6749, section 6", "a refresh token is bound to the client it was issued to", user -> {
                Answer ofApp = user.signIn("openid");
                Answer refused = user.realm
                        .refresh(TestRealm.MOBILE, ofApp.refreshToken())
                        .expect(400);
                assertThat(refused.error()).isEqualTo("invalid_grant");
                user.refresh(ofApp.refreshToken()).expect(200);
            }),
            new Behaviour("RFC 6749, section 6", "a confidential client authenticates to refresh", user -> {
                TestClient wrong = TestClient.confidential(TestRealm.APP.clientId(), "wrong");
                user.realm.refresh(wrong, user.signIn("openid").refreshToken()).expect(401);
            }),
            new Behaviour(
                    "RFC 6749, section 6",
                    "a narrower scope may be asked for, and the refresh token keeps its own",
                    user -> {
                        Answer first = user.signIn("openid email");
                        Answer narrow = user.realm
                                .tokenEndpoint()
                                .as(TestRealm.APP)
                                .param("grant_type", "refresh_token")
                                .param("refresh_token", first.refreshToken())
                                .param("scope", "openid")
                                .post()
                                .expect(200);
                        assertThat(narrow.refreshTokenClaims()
                                        .path("scope")
                                        .asText()
                                        .split(" "))
                                .contains("email");
                    }),
            new Behaviour(
                    "OpenID Connect Core, section 12.2", "iss, sub, aud and auth_time of the ID token stay", user -> {
                        Answer first = user.signIn("openid");
                        Answer next = user.refresh(first.refreshToken()).expect(200);
                        for (String claim : List.of("iss", "sub", "aud")) {
                            assertThat(next.idTokenClaims().get(claim))
                                    .isEqualTo(first.idTokenClaims().get(claim));
                        }
                    }),
            new Behaviour(
                    ADMIN_GUIDE + "Session and token timeouts",
                    "without Revoke Refresh Token, one is good for many refreshes, at once and one after the other",
                    user -> {
                        String token = user.signIn("openid").refreshToken();
                        assertThat(IntStream.range(0, MANY)
                                        .parallel()
                                        .mapToObj(i -> user.refresh(token).status())
                                        .toList())
                                .containsOnly(200);
                        user.refresh(token).expect(200);
                    }),
            new Behaviour(
                    ADMIN_GUIDE + "Session and token timeouts",
                    "with Revoke Refresh Token, one is good for one refresh, and using it again ends those that came of it",
                    user -> user.rotated(0, () -> {
                        String token = user.signIn("openid").refreshToken();
                        Answer next = user.refresh(token).expect(200);
                        Seconds.next();
                        Answer latest = user.refresh(next.refreshToken()).expect(200);
                        user.refresh(token).expect(400);
                        user.refresh(latest.refreshToken()).expect(400);
                    })),
            new Behaviour(
                    ADMIN_GUIDE + "Session and token timeouts",
                    "Refresh Token Max Reuse allows that many more",
                    user -> user.rotated(1, () -> {
                        String token = user.signIn("openid").refreshToken();
                        user.refresh(token).expect(200);
                        user.refresh(token).expect(200);
                        user.refresh(token).expect(400);
                    })),
            new Behaviour(
                    ADMIN_GUIDE + "Offline access", "an offline token goes on when the person has signed out", user -> {
                        Answer offline = user.signIn("openid offline_access");
                        // not by an administrator, who also ends all tokens from before the present second
                        Answer online = user.signIn("openid");
                        user.logout(TestRealm.APP, online.refreshToken()).expect(204);
                        user.refresh(offline.refreshToken()).expect(200);
                        assertThat(offline.refreshTokenClaims().path("typ").asText())
                                .isEqualTo("Offline");
                    }),
            new Behaviour(
                    ADMIN_GUIDE + "Managing user sessions", "an administrator signs a person out everywhere", user -> {
                        Answer tokens = user.signIn("openid");
                        user.realm.admin().logout(user.realm.name(), user.name());
                        user.refresh(tokens.refreshToken()).expect(400);
                        user.realm.userInfo(tokens.accessToken()).expect(401);
                    }),
            new Behaviour(
                    ADMIN_GUIDE + "Revoking active sessions",
                    "tokens from before the realm's Not Before are refused",
                    user -> {
                        Answer tokens = user.signIn("openid");
                        Seconds.next();
                        user.notBefore((int) (System.currentTimeMillis() / 1000), () -> {
                            user.refresh(tokens.refreshToken()).expect(400);
                            user.refresh(user.signIn("openid").refreshToken()).expect(200);
                        });
                    }),
            new Behaviour(ADMIN_GUIDE + "Managing users", "a person who is disabled refreshes no more", user -> {
                Answer tokens = user.signIn("openid");
                user.realm.admin().updateUser(user.realm.name(), user.name(), Map.of("enabled", false));
                user.refresh(tokens.refreshToken()).expect(400);
            }),
            // revocation
            new Behaviour(
                    "RFC 7009, section 2.1",
                    "a refresh token that was revoked is dead, and its access tokens with it",
                    user -> {
                        Answer tokens = user.signIn("openid");
                        user.revoke(TestRealm.APP, tokens.refreshToken()).expect(200);
                        user.refresh(tokens.refreshToken()).expect(400);
                        user.realm.userInfo(tokens.accessToken()).expect(401);
                    }),
            new Behaviour("RFC 7009, section 2.1", "an access token is revoked alone", user -> {
                Answer tokens = user.signIn("openid");
                user.revoke(TestRealm.APP, tokens.accessToken()).expect(200);
                user.realm.userInfo(tokens.accessToken()).expect(401);
                user.refresh(tokens.refreshToken()).expect(200);
            }),
            new Behaviour("RFC 7009, section 2.1", "nobody revokes another client's token", user -> {
                Answer tokens = user.signIn("openid");
                user.revoke(TestRealm.MOBILE, tokens.refreshToken()).expect(400);
                user.refresh(tokens.refreshToken()).expect(200);
            }),
            new Behaviour(
                    "RFC 7009, section 2.2",
                    "a token that is not known is revoked",
                    user -> user.revoke(TestRealm.APP, "unknown").expect(200)),
            new Behaviour(
                    OIDC_GUIDE + "Revocation endpoint", "revoking an offline token ends the offline session", user -> {
                        Answer offline = user.signIn("openid offline_access");
                        user.revoke(TestRealm.APP, offline.refreshToken()).expect(200);
                        user.refresh(offline.refreshToken()).expect(400);
                    }),
            // introspection
            new Behaviour("RFC 7662, section 2.2", "an access token is active, with what it says", user -> {
                Answer answer = user.introspect(user.signIn("openid").accessToken());
                assertThat(answer.json().path("active").asBoolean()).isTrue();
                assertThat(answer.json().path("client_id").asText()).isEqualTo(TestRealm.APP.clientId());
                assertThat(answer.json().path("username").asText()).isEqualTo(user.name());
            }),
            new Behaviour(
                    "RFC 7662, section 2.2",
                    "a refresh token is active, by its hint (section 2.1)",
                    user -> assertThat(user.isActiveRefreshToken(
                                    user.signIn("openid").refreshToken()))
                            .isTrue()),
            new Behaviour(
                    OIDC_GUIDE + "Introspection endpoint",
                    "a token that is not for the client that asks is not active",
                    user -> {
                        Answer ofMobile = user.realm
                                .signIn(TestRealm.MOBILE, user.name(), user.name())
                                .expect(200);
                        assertThat(user.isActive(ofMobile.accessToken())).isFalse();
                    }),
            new Behaviour(
                    "RFC 7662, section 2.2",
                    "of a dead token it is said that it is not active, and nothing else",
                    user -> {
                        Answer tokens = user.signIn("openid");
                        user.realm.admin().logout(user.realm.name(), user.name());
                        for (String token : List.of(tokens.accessToken(), tokens.refreshToken(), "unknown")) {
                            Answer answer = user.introspect(token);
                            assertThat(answer.json().path("active").asBoolean(true))
                                    .isFalse();
                            assertThat(names(answer)).containsExactly("active");
                        }
                    }),
            new Behaviour(
                    "RFC 7662, section 2.1",
                    "who introspects authenticates",
                    user -> user.realm
                            .introspect(
                                    TestClient.confidential(TestRealm.APP.clientId(), "wrong"),
                                    user.signIn("openid").accessToken())
                            .expect(401)),
            // logout
            new Behaviour(
                    OIDC_GUIDE + "Logout endpoint", "a refresh token signs out: refresh and user info end", user -> {
                        Answer tokens = user.signIn("openid");
                        user.logout(TestRealm.APP, tokens.refreshToken()).expect(204);
                        user.refresh(tokens.refreshToken()).expect(400);
                        user.realm.userInfo(tokens.accessToken()).expect(401);
                        assertThat(user.isActiveRefreshToken(tokens.refreshToken()))
                                .isFalse();
                    }),
            new Behaviour(OIDC_GUIDE + "Logout endpoint", "it needs the client's credentials", user -> {
                Answer tokens = user.signIn("openid");
                TestClient wrong = TestClient.confidential(TestRealm.APP.clientId(), "wrong");
                user.logout(wrong, tokens.refreshToken()).expect(401);
                user.refresh(tokens.refreshToken()).expect(200);
            }),
            new Behaviour(
                    OIDC_GUIDE + "Logout endpoint", "an offline token signs out its offline session alone", user -> {
                        Answer online = user.signIn("openid");
                        Answer offline = user.signIn("openid offline_access");
                        user.logout(TestRealm.APP, offline.refreshToken()).expect(204);
                        user.refresh(offline.refreshToken()).expect(400);
                        user.refresh(online.refreshToken()).expect(200);
                    }));

    @AutoClose
    private static TestRealm realm;

    @BeforeAll
    static void createRealm(KeycloakServer keycloak) {
        realm = TestRealm.createIn(keycloak);
        Audiences.add(realm, TestRealm.APP.clientId(), TestRealm.APP.clientId());
    }

    /** @param source where it is written */
    record Behaviour(String source, String statement, Consumer<User> check) {

        @Override
        public String toString() {
            return source + ": " + statement;
        }
    }

    /** Somebody of whom nothing else is known. */
    record User(TestRealm realm, String name) {

        static User create() {
            String name = "somebody-" + USERS.incrementAndGet();
            DocumentedBehaviourIT.realm.addUser(Person.named(name));
            return new User(DocumentedBehaviourIT.realm, name);
        }

        Answer signIn(String scope) {
            return realm.tokenEndpoint()
                    .as(TestRealm.APP)
                    .param("grant_type", "password")
                    .param("username", name)
                    .param("password", name)
                    .param("scope", scope)
                    .post()
                    .expect(200);
        }

        Answer refresh(String token) {
            return realm.refresh(TestRealm.APP, token);
        }

        Answer revoke(TestClient client, String token) {
            return end("revoke", client, "token", token);
        }

        Answer logout(TestClient client, String token) {
            return end("logout", client, "refresh_token", token);
        }

        private Answer end(String endpoint, TestClient client, String parameter, String token) {
            return realm.call("/protocol/openid-connect/" + endpoint)
                    .as(client)
                    .param(parameter, token)
                    .post();
        }

        Answer introspect(String token) {
            return realm.introspect(TestRealm.APP, token).expect(200);
        }

        boolean isActive(String token) {
            return introspect(token).json().path("active").asBoolean();
        }

        boolean isActiveRefreshToken(String token) {
            return realm.isActive(TestRealm.APP, token, "refresh_token");
        }

        void rotated(int reuse, Runnable check) {
            with(
                    Map.of("revokeRefreshToken", true, "refreshTokenMaxReuse", reuse),
                    Map.of("revokeRefreshToken", false, "refreshTokenMaxReuse", 0),
                    check);
        }

        void notBefore(int seconds, Runnable check) {
            with(Map.of("notBefore", seconds), Map.of("notBefore", 0), check);
        }

        private void with(Map<String, ?> settings, Map<String, ?> former, Runnable check) {
            realm.admin().updateRealm(realm.name(), settings);
            try {
                check.run();
            } finally {
                realm.admin().updateRealm(realm.name(), former);
            }
        }
    }

    private static Set<String> names(Answer answer) {
        Set<String> names = new TreeSet<>();
        answer.json().fieldNames().forEachRemaining(names::add);
        return names;
    }

    @ParameterizedTest
    @FieldSource("BEHAVIOURS")
    void isAsDocumented(Behaviour behaviour) {
        behaviour.check().accept(User.create());
    }
}
