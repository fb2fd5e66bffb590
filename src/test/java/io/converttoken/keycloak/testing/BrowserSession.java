// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Somebody who signed in to a realm by password once, and gets tokens for its clients by single sign-on. */
public final class BrowserSession {

    private static final String CALLBACK = TestRealm.WEB_ORIGIN + "/callback";

    private final TestRealm realm;
    private final Browser browser = new Browser();
    private Optional<Answer> openTab = Optional.empty();

    private BrowserSession(TestRealm realm) {
        this.realm = realm;
    }

    /** The password is the user name. */
    public static BrowserSession signedIn(TestRealm realm, TestClient client, Person user) {
        BrowserSession session = new BrowserSession(realm);
        session.signIn(
                session.browser
                        .visit(session.request(client).param("scope", "openid"))
                        .expect(200),
                user);
        return session;
    }

    /** A browser in which an administrator has become the user, without the user's password. */
    public static BrowserSession impersonating(TestRealm realm, Person user) {
        BrowserSession session = new BrowserSession(realm);
        String id = AdminApi.id(realm.admin().user(realm.name(), user.username()));
        session.browser.keepCookies(realm.admin()
                .call(realm.name() + "/users/" + id + "/impersonation")
                .post()
                .expect(200));
        return session;
    }

    /** Signed in, while a second login page of the same client is left open in another tab. */
    public static BrowserSession signedInNextToAnOpenTab(TestRealm realm, TestClient client, Person user) {
        BrowserSession session = new BrowserSession(realm);
        Answer page = session.browser
                .visit(session.request(client).param("scope", "openid"))
                .expect(200);
        session.openTab = Optional.of(session.browser
                .visit(session.request(client).param("scope", "openid"))
                .expect(200));
        session.signIn(page, user);
        return session;
    }

    /** The person signs in by the page that was left open. */
    public void signInByTheOpenTab(Person user) {
        signIn(openTab.orElseThrow(), user);
    }

    /** Tokens of the session that there is; a login page is an error. */
    public Answer tokens(TestClient client) {
        return tokens(client, "openid");
    }

    public Answer tokens(TestClient client, String scope) {
        return redeem(client, code(client, scope)).expect(200);
    }

    /** Tokens after the password was asked for again in the same session. */
    public Answer tokensAfterPassword(TestClient client, Person user) {
        Answer page = browser.visit(request(client).param("scope", "openid").param("prompt", "login"))
                .expect(200);
        Answer redirect = browser.submit(page, Map.of("username", user.username(), "password", user.username()));
        return redeem(client, code(redirect)).expect(200);
    }

    /** A code of the session that there is, which nobody has redeemed yet; a login page is an error. */
    public String code(TestClient client) {
        return code(client, "openid");
    }

    private String code(TestClient client, String scope) {
        return code(browser.visit(request(client).param("scope", scope)));
    }

    private static String code(Answer redirect) {
        URI location = URI.create(redirect.expect(302).header("Location").orElseThrow());
        String code = RecordedRequest.queryParameters(location).get("code");
        if (code == null) {
            throw new AssertionError("No code came back: " + location);
        }
        return code;
    }

    /** Redeems a code, as the client does it. */
    public Answer redeem(TestClient client, String code) {
        return redeem(realm, client, code);
    }

    /** The same at another node of the cluster. */
    public static Answer redeem(TestRealm realm, TestClient client, String code) {
        return realm.tokenEndpoint()
                .as(client)
                .param("grant_type", "authorization_code")
                .param("code", code)
                .param("redirect_uri", CALLBACK)
                .post();
    }

    /** The person opens the address that a device shows, and agrees. */
    public void approve(URI verification) {
        Answer page = browser.visit(Call.to(verification));
        while (page.status() == 302) {
            page = browser.visit(
                    Call.to(verification.resolve(page.header("Location").orElseThrow())));
        }
        browser.submit(realm.uri(""), page.expect(200), Map.of("accept", "Yes")).expect(302);
    }

    private void signIn(Answer page, Person user) {
        browser.submit(realm.uri(""), page, Map.of("username", user.username(), "password", user.username()))
                .expect(302);
    }

    private Call request(TestClient client) {
        return realm.call("/protocol/openid-connect/auth")
                .param("client_id", client.clientId())
                .param("redirect_uri", CALLBACK)
                .param("response_type", "code")
                .param("state", "state")
                .param("nonce", UUID.randomUUID().toString());
    }
}
