package io.converttoken.keycloak.testing;

import io.converttoken.keycloak.testing.social.SocialProvider;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
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
    private final Predicate<Answer> fillsIn;
    private final Map<String, String> cookies = new LinkedHashMap<>();

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
        Answer answer = visit(first);
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
