package io.converttoken.keycloak.testing;

import io.converttoken.keycloak.testing.social.SocialProvider;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A person with a browser who signs in to {@link TestRealm#APP} through an identity provider: redirects are followed,
 * cookies kept, and a page that asks for the profile is filled in.
 */
public final class BrowserLogin {

    private static final int MAX_STEPS = 12;
    private static final Pattern FORM = Pattern.compile("<form[^>]*action=\"([^\"]+)\"");

    private final TestRealm realm;
    private final Map<String, String> cookies = new LinkedHashMap<>();

    private BrowserLogin(TestRealm realm) {
        this.realm = realm;
    }

    /** The tokens that the application gets in the end. */
    public static Answer through(TestRealm realm, String alias, SocialProvider provider, Person person) {
        BrowserLogin browser = new BrowserLogin(realm);
        URI atProvider = browser.untilOutside(
                realm.call("/protocol/openid-connect/auth")
                        .param("client_id", TestRealm.APP.clientId())
                        .param("redirect_uri", callback())
                        .param("response_type", "code")
                        .param("scope", "openid")
                        .param("state", "state")
                        .param("kc_idp_hint", alias),
                person);
        URI atApplication = browser.untilOutside(Call.to(provider.signIn(atProvider, person)), person);
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

    /** Where the realm sends the browser away to. */
    private URI untilOutside(Call first, Person person) {
        Answer answer = visit(first);
        for (int step = 0; step < MAX_STEPS; step++) {
            if (answer.status() == 200) {
                answer = fillIn(answer, person);
                continue;
            }
            String text = answer.header("Location").orElse("");
            if (text.isEmpty()) {
                throw new AssertionError("The browser is stuck: " + answer);
            }
            URI location = URI.create(text);
            if (!location.getAuthority().equals(realm.keycloak().base().getAuthority())) {
                return location;
            }
            answer = visit(Call.to(location));
        }
        throw new AssertionError("The browser goes in circles: " + answer);
    }

    private Answer visit(Call call) {
        return keepCookies(withCookies(call).get());
    }

    private Answer fillIn(Answer page, Person person) {
        URI action = Optional.of(FORM.matcher(page.text()))
                .filter(Matcher::find)
                .map(form -> URI.create(form.group(1).replace("&amp;", "&")))
                .orElseThrow(() -> new AssertionError("A page without a form: " + page));
        return keepCookies(withCookies(Call.to(action))
                .body(
                        "application/x-www-form-urlencoded",
                        Map.of(
                                        "username", person.username(),
                                        "email", person.email(),
                                        "firstName", person.givenName(),
                                        "lastName", person.familyName())
                                .entrySet()
                                .stream()
                                .map(field -> field.getKey() + "="
                                        + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                                .collect(Collectors.joining("&")))
                .post());
    }

    private Call withCookies(Call call) {
        if (cookies.isEmpty()) {
            return call;
        }
        return call.header(
                "Cookie",
                cookies.entrySet().stream()
                        .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                        .collect(Collectors.joining("; ")));
    }

    private Answer keepCookies(Answer answer) {
        for (String cookie : answer.headers().allValues("Set-Cookie")) {
            String pair = cookie.split(";", 2)[0];
            int equals = pair.indexOf('=');
            if (cookie.contains("Max-Age=0")) {
                cookies.remove(pair.substring(0, equals));
            } else {
                cookies.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        return answer;
    }
}
