// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import io.converttoken.keycloak.testing.social.SocialProvider;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A person with a browser who signs in to {@link TestRealm#APP} through an identity provider: redirects are followed,
 * cookies kept, and a page that asks for the profile is filled in.
 */
public final class BrowserLogin {

    private static final int MAX_STEPS = 12;

    private final TestRealm realm;
    private final Predicate<Answer> fillsIn;
    private final Browser browser = new Browser();

    private BrowserLogin(TestRealm realm, Predicate<Answer> fillsIn) {
        this.realm = realm;
        this.fillsIn = fillsIn;
    }

    /** The tokens that the application gets in the end. */
    public static Answer through(TestRealm realm, String alias, SocialProvider provider, Person person) {
        return new BrowserLogin(realm, page -> true)
                .signIn(alias, provider, person)
                .orElseThrow(() -> new AssertionError("The person did not get through"));
    }

    /** The same for a person who turns away from every page; nothing where there was one. */
    public static Optional<Answer> withoutAnyPage(
            TestRealm realm, String alias, SocialProvider provider, Person person) {
        return new BrowserLogin(realm, page -> false).signIn(alias, provider, person);
    }

    private Optional<Answer> signIn(String alias, SocialProvider provider, Person person) {
        Call request = realm.call("/protocol/openid-connect/auth")
                .param("client_id", TestRealm.APP.clientId())
                .param("redirect_uri", callback())
                .param("response_type", "code")
                .param("scope", "openid")
                .param("state", "state")
                .param("kc_idp_hint", alias);
        return untilOutside(request, person)
                .flatMap(atProvider -> untilOutside(Call.to(provider.signIn(atProvider, person)), person))
                .map(this::redeem);
    }

    private Answer redeem(URI atApplication) {
        String code = RecordedRequest.queryParameters(atApplication).get("code");
        if (code == null) {
            throw new AssertionError("No code came back: " + atApplication);
        }
        return realm.tokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "authorization_code")
                .param("code", code)
                .param("redirect_uri", callback())
                .post()
                .expect(200);
    }

    private static String callback() {
        return TestRealm.WEB_ORIGIN + "/callback";
    }

    /** Where the realm sends the browser away to; nothing where it shows a page that the person does not fill in. */
    private Optional<URI> untilOutside(Call first, Person person) {
        Answer answer = browser.visit(first);
        for (int step = 0; step < MAX_STEPS; step++) {
            boolean isPage = answer.header("Location").isEmpty();
            if (isPage && (answer.status() != 200 || !fillsIn.test(answer))) {
                return Optional.empty();
            }
            if (isPage) {
                answer = fillIn(answer, person);
                continue;
            }
            URI location = URI.create(answer.header("Location").orElseThrow());
            if (!location.getAuthority().equals(realm.keycloak().base().getAuthority())) {
                return Optional.of(location);
            }
            answer = browser.visit(Call.to(location));
        }
        throw new AssertionError("The browser goes in circles: " + answer);
    }

    private Answer fillIn(Answer page, Person person) {
        return browser.submit(
                page,
                Map.of(
                        "username", person.username(),
                        "email", person.email(),
                        "firstName", person.givenName(),
                        "lastName", person.familyName()));
    }
}
