// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserSession;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Authorization codes and device codes are approved in a session and redeemed later: not after it has ended. */
class LeftoverCodesIT extends WithOtherClient {

    /** The other client keeps the session, so that the same session is there after the next sign-in. */
    @Test
    void codeFromBeforeIsRefusedAfterTheNextSignIn() {
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        Answer ofOther = browser.tokens(other);
        String code = browser.code(TestRealm.APP);

        administrate("invalidate-sessions", user.username(), "app");
        Invalidations.awaitNextSecond();
        Answer again = browser.tokens(TestRealm.APP);

        assertThat(again.accessTokenClaims().path("sid"))
                .isEqualTo(ofOther.accessTokenClaims().path("sid"));
        assertThat(browser.redeem(TestRealm.APP, code).expect(400).error()).isEqualTo("invalid_grant");
        assertThat(realm.event("CODE_TO_TOKEN_ERROR").error()).isEqualTo("invalid_code");
        assertThat(realm.userInfo(again.accessToken()).status()).isEqualTo(200);
        realm.refresh(TestRealm.APP, again.refreshToken()).expect(200);
        browser.tokens(TestRealm.APP);
    }

    /** Whole seconds do not tell them apart, and what the requests carried does: each has its nonce. */
    @Test
    void nextSignInInTheSameSecondWorksAndTheCodeFromBeforeDoesNot() {
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        browser.tokens(other);
        Invalidations.awaitNextSecond();
        String code = browser.code(TestRealm.APP);

        administrate("invalidate-sessions", user.username(), "app");
        Answer again = browser.tokens(TestRealm.APP);

        assertThat(browser.redeem(TestRealm.APP, code).expect(400).error()).isEqualTo("invalid_grant");
        realm.refresh(TestRealm.APP, again.refreshToken()).expect(200);
    }

    /** A tab that was left open makes the next session under the id of the former one. */
    @Test
    void codeFromBeforeIsRefusedInASessionOfTheSameId() {
        BrowserSession browser = BrowserSession.signedInNextToAnOpenTab(realm, TestRealm.APP, user);
        String former =
                browser.tokens(TestRealm.APP).accessTokenClaims().path("sid").asText();
        String code = browser.code(TestRealm.APP);

        administrate("invalidate-sessions", user.username(), "app");
        Invalidations.awaitNextSecond();
        Invalidations.awaitNextSecond();
        browser.signInByTheOpenTab(user);
        Answer again = browser.tokens(TestRealm.APP);

        assertThat(again.accessTokenClaims().path("sid").asText()).isEqualTo(former);
        assertThat(browser.redeem(TestRealm.APP, code).expect(400).error()).isEqualTo("invalid_grant");
        assertThat(realm.userInfo(again.accessToken()).status()).isEqualTo(200);
    }

    @Test
    void codesOfTwoTabsAreBothRedeemed() {
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        List<String> codes =
                Stream.generate(() -> browser.code(TestRealm.APP)).limit(3).toList();
        Invalidations.awaitNextSecond();
        String later = browser.code(TestRealm.APP);

        for (String code : codes) {
            realm.refresh(
                            TestRealm.APP,
                            browser.redeem(TestRealm.APP, code).expect(200).refreshToken())
                    .expect(200);
        }
        browser.redeem(TestRealm.APP, later).expect(200);
    }

    @Test
    void codesOfOtherClientsAreRedeemed() {
        BrowserSession browser = BrowserSession.signedIn(realm, TestRealm.APP, user);
        String code = browser.code(other);

        administrate("invalidate-sessions", user.username(), "app");

        realm.refresh(other, browser.redeem(other, code).expect(200).refreshToken())
                .expect(200);
    }

    @Test
    void approvedDeviceCodeFromBeforeIsRefused() {
        TestClient device = realm.addConfidentialClient(
                "device-" + UUID.randomUUID(),
                Map.of("attributes", Map.of("oauth2.device.authorization.grant.enabled", "true")));
        BrowserSession browser = BrowserSession.signedIn(realm, other, user);
        String living = approvedDeviceCode(device, browser);
        redeemDeviceCode(device, living).expect(200);
        String code = approvedDeviceCode(device, browser);

        administrate("invalidate-sessions", user.username(), device.clientId());
        Invalidations.awaitNextSecond();
        browser.tokens(device);

        assertThat(redeemDeviceCode(device, code).expect(400).error()).isEqualTo("invalid_grant");
        redeemDeviceCode(device, approvedDeviceCode(device, browser)).expect(200);
    }

    private String approvedDeviceCode(TestClient device, BrowserSession browser) {
        JsonNode answer = realm.call("/protocol/openid-connect/auth/device")
                .as(device)
                .param("scope", "openid")
                .post()
                .expect(200)
                .json();
        browser.approve(URI.create(answer.path("verification_uri_complete").asText()));
        return answer.path("device_code").asText();
    }

    private Answer redeemDeviceCode(TestClient device, String code) {
        return realm.tokenEndpoint()
                .as(device)
                .param("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
                .param("device_code", code)
                .post();
    }

    private static void administrate(String operation, String username, String clientId) {
        Invalidations.administrate(realm, operation, username, clientId).expect(200);
    }
}
