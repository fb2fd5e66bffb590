// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserSession;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What another client got in exchange for a token of the client whose session ends, while a third one keeps the session. */
@ExtendWith(KeycloakExtension.class)
class ExchangedTokensIT {

    private static final String TOKEN_TYPE = "urn:ietf:params:oauth:token-type:";

    private static TestRealm realm;
    private static TestClient other;

    private Person user;
    private TestClient exchanging;

    @BeforeAll
    static void clients(TestRealm testRealm) {
        realm = testRealm;
        other = realm.addConfidentialClient("other", Map.of());
    }

    @BeforeEach
    void letExchange() {
        user = realm.newUser();
        exchanging = realm.addConfidentialClient(
                "exchanging-" + UUID.randomUUID(),
                Map.of(
                        "attributes",
                        Map.of(
                                "standard.token.exchange.enabled",
                                "true",
                                "standard.token.exchange.enableRefreshRequestedTokenType",
                                "SAME_SESSION")));
        realm.admin()
                .addProtocolMapper(
                        realm.name(),
                        "app",
                        Map.of(
                                "name",
                                "for " + exchanging.clientId(),
                                "protocol",
                                "openid-connect",
                                "protocolMapper",
                                "oidc-audience-mapper",
                                "config",
                                Map.of(
                                        "included.client.audience",
                                        exchanging.clientId(),
                                        "access.token.claim",
                                        "true")));
        Invalidations.letIntrospectItself(realm.admin(), realm.name(), exchanging.clientId());
    }

    /** Core compares in whole seconds, and forgives one more: all of this happens within that time. */
    @Test
    void refreshTokenStaysDeadWhenTheParentExchangesAgain() {
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        browser.tokens(other);
        Answer parent = browser.tokens(TestRealm.APP);
        Invalidations.awaitNextSecond();
        Answer child = exchange(parent, "refresh_token");

        administrate("invalidate-sessions", user.username(), "app");
        Answer nextChild = exchange(browser.tokens(TestRealm.APP), "refresh_token");

        assertThat(realm.refresh(exchanging, child.refreshToken()).expect(400).error())
                .isEqualTo("invalid_grant");
        assertThat(isActive(exchanging, child.refreshToken())).isFalse();
        assertThat(isActive(exchanging, nextChild.refreshToken())).isTrue();
        Answer refreshed = realm.refresh(exchanging, nextChild.refreshToken()).expect(200);
        realm.refresh(exchanging, refreshed.refreshToken()).expect(200);
    }

    /** The token of a client that has no session of its own hangs on the session alone. */
    @Test
    void remains_accessTokenOfAClientWithoutASession() {
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        browser.tokens(other);
        Answer child = exchange(browser.tokens(TestRealm.APP), "access_token");

        administrate("invalidate-sessions", user.username(), "app");

        assertThat(realm.userInfo(child.accessToken()).status()).isEqualTo(200);
    }

    private Answer exchange(Answer parent, String requested) {
        return realm.tokenEndpoint()
                .as(exchanging)
                .param("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .param("subject_token", parent.accessToken())
                .param("subject_token_type", TOKEN_TYPE + "access_token")
                .param("requested_token_type", TOKEN_TYPE + requested)
                .param("scope", "openid")
                .post()
                .expect(200);
    }

    private static void administrate(String operation, String username, String clientId) {
        Invalidations.administrate(realm, operation, username, clientId).expect(200);
    }

    private static boolean isActive(TestClient client, String token) {
        return realm.isActive(client, token, "refresh_token");
    }
}
