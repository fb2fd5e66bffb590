// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Keeps cookies, and submits forms. Redirects are left to the caller. */
final class Browser {

    private static final Pattern FORM = Pattern.compile("<form[^>]*action=\"([^\"]+)\"");

    private final Map<String, String> cookies = new LinkedHashMap<>();

    Answer visit(Call call) {
        return keepCookies(withCookies(call).get());
    }

    /** Submits the form of a page. */
    Answer submit(Answer page, Map<String, String> fields) {
        return submit(action(page), fields);
    }

    /** Submits the form of a page to this server, whichever name the server goes by, and whether the page says it or not. */
    Answer submit(URI server, Answer page, Map<String, String> fields) {
        URI action = action(page);
        return submit(server.resolve(action.getRawPath() + "?" + action.getRawQuery()), fields);
    }

    private static URI action(Answer page) {
        return Optional.of(FORM.matcher(page.text()))
                .filter(Matcher::find)
                .map(form -> URI.create(form.group(1).replace("&amp;", "&")))
                .orElseThrow(() -> new AssertionError("A page without a form: " + page));
    }

    private Answer submit(URI action, Map<String, String> fields) {
        String body = fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return keepCookies(withCookies(Call.to(action))
                .body("application/x-www-form-urlencoded", body)
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

    Answer keepCookies(Answer answer) {
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
