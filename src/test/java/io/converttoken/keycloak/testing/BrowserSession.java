package io.converttoken.keycloak.testing;

import java.net.URI;
import java.util.Map;

/** Somebody who signed in to a realm by password once, and gets tokens for its clients by single sign-on. */
public final class BrowserSession {

    private static final String CALLBACK = TestRealm.WEB_ORIGIN + "/callback";

    private final TestRealm realm;
    private final Browser browser = new Browser();

    private BrowserSession(TestRealm realm) {
        this.realm = realm;
    }

    /** The password is the user name. */
    public static BrowserSession signedIn(TestRealm realm, TestClient client, Person user) {
        BrowserSession session = new BrowserSession(realm);
        Answer page = session.browser.visit(session.request(client)).expect(200);
        session.browser
                .submit(page, Map.of("username", user.username(), "password", user.username()))
                .expect(302);
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

    /** Tokens of the session that there is; a login page is an error. */
    public Answer tokens(TestClient client) {
        return redeem(client, browser.visit(request(client)));
    }

    /** Tokens after the password was asked for again in the same session. */
    public Answer tokensAfterPassword(TestClient client, Person user) {
        Answer page = browser.visit(request(client).param("prompt", "login")).expect(200);
        return redeem(client, browser.submit(page, Map.of("username", user.username(), "password", user.username())));
    }

    private Answer redeem(TestClient client, Answer redirect) {
        URI location = URI.create(redirect.expect(302).header("Location").orElseThrow());
        String code = RecordedRequest.queryParameters(location).get("code");
        if (code == null) {
            throw new AssertionError("No code came back: " + location);
        }
        return realm.tokenEndpoint()
                .as(client)
                .param("grant_type", "authorization_code")
                .param("code", code)
                .param("redirect_uri", CALLBACK)
                .post()
                .expect(200);
    }

    private Call request(TestClient client) {
        return realm.call("/protocol/openid-connect/auth")
                .param("client_id", client.clientId())
                .param("redirect_uri", CALLBACK)
                .param("response_type", "code")
                .param("scope", "openid")
                .param("state", "state");
    }
}
