// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Jwts;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes answers and events as lines, one a value, {@code path = value}. Tokens are opened. What two servers never share (names
 * of server and realm, ids, times, keys, random values) is replaced by its kind; everything else stays as it is. Members of
 * arrays go by a name of their own, not by an index, because their order says nothing.
 */
final class Stable {

    /** A JWT, wherever it stands in a text. */
    private static final Pattern JWT = Pattern.compile("eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+");

    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    /** What Keycloak draws by itself: ids of 24 characters, longer secrets, hashes that may have no digit. */
    private static final Pattern RANDOM = Pattern.compile("(?<![\\w-])(?=[\\w-]*[a-z])(?=[\\w-]*[A-Z])"
            + "([\\w-]{24}|(?=[\\w-]*\\d)[\\w-]{25,}|[\\w-]{40,})(?![\\w-])");

    /** The parameters that pages pass to each other. */
    private static final Pattern PAGE_PARAMETER = Pattern.compile("(tab_id|client_data|session_code|user_code)=[^&]+");

    /** How Java names an object that has no name. */
    private static final Pattern OBJECT = Pattern.compile("(?<=[a-zA-Z])@[0-9a-f]{5,8}\\b");

    private static final Pattern TIME = Pattern.compile("\\b[12]\\d{9}(\\d{3})?\\b");

    /** Random values that may look like words, and contents that are told elsewhere. */
    private static final Set<String> RANDOM_MEMBERS = Set.of(
            "age_of_refresh_token",
            "at_hash",
            "certificate",
            "client_secret",
            "device_code",
            "jkt",
            "kid",
            "n",
            "nonce",
            "public_key",
            "publicKey",
            "representation",
            "rtg",
            "secret",
            "session_id",
            "session_state",
            "sessionId",
            "sid",
            "user_code",
            "value",
            "x",
            "x5c",
            "x5t",
            "x5t#S256",
            "y");

    /** They count down while they are read. */
    private static final Set<String> LIFESPANS =
            Set.of("access_token_expiration_time", "expires_in", "refresh_expires_in");

    private static final List<String> LABELS = List.of("alias", "clientId", "username", "name", "id");

    /** Sets, written as words in whichever order. */
    private static final Set<String> SETS = Set.of("audience", "scope");

    /** What depends on the machine, the database and the moment. */
    private static final Set<String> MACHINE_MEMBERS = Set.of("cpuInfo", "memoryInfo", "operationalInfo", "systemInfo");

    private static final Set<String> UNCOUNTED_HEADERS = Set.of("content-length", "date");

    private final Map<String, String> names;

    Stable(TestRealm realm) {
        String authority = realm.keycloak().base().getAuthority();
        this.names = Map.of(authority, "{host}", authority.replace(":", "%3A"), "{host}", realm.name(), "{realm}");
    }

    List<String> lines(Answer answer) {
        List<String> lines = new ArrayList<>();
        lines.add("status = " + answer.status());
        answer.headers().map().forEach((name, values) -> {
            if (!UNCOUNTED_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> addHeader(name.toLowerCase(Locale.ROOT), value, lines));
            }
        });
        String type = answer.header("Content-Type").orElse("");
        if (type.contains("json") && !answer.text().isBlank()) {
            add("body", "", answer.json(), lines);
        } else if (type.contains("html")) {
            lines.add("body = " + text(visible(answer.text())));
        } else {
            addText("body", answer.text(), lines);
        }
        return lines;
    }

    /** What a cookie says is between the browser and the server. */
    private void addHeader(String name, String value, List<String> lines) {
        String told = name.equals("set-cookie") ? value.replaceFirst("=[^;]*", "={random}") : value;
        lines.add("header " + name + " = " + text(name.startsWith("access-control-") ? sorted(told, ", ") : told));
    }

    /** Of JSON that is no answer. */
    List<String> lines(String path, JsonNode json) {
        List<String> lines = new ArrayList<>();
        add(path, "", json, lines);
        return lines;
    }

    private void add(String path, String member, JsonNode node, List<String> lines) {
        if (MACHINE_MEMBERS.contains(member)) {
            lines.add(path + " = {machine}");
        } else if (node.isObject() && !node.isEmpty()) {
            node.properties()
                    .forEach(entry -> add(path + "." + name(entry.getKey()), entry.getKey(), entry.getValue(), lines));
        } else if (node.isArray() && !node.isEmpty()) {
            node.forEach(element -> add(path + "[" + label(element) + "]", member, element, lines));
        } else {
            addValue(path, member, node, lines);
        }
    }

    /** What tells an element from the others, where it has such a thing. */
    private String label(JsonNode element) {
        return LABELS.stream()
                .map(label -> element.path(label).asText(""))
                .filter(label -> !label.isEmpty() && text(label).equals(label))
                .findFirst()
                .orElse("");
    }

    private void addValue(String path, String member, JsonNode node, List<String> lines) {
        if (node.isContainerNode()) {
            lines.add(path + " is empty");
        } else if (RANDOM_MEMBERS.contains(member)) {
            lines.add(path + " = {random}");
        } else if (LIFESPANS.contains(member)) {
            lines.add(path + " = about " + Math.round(node.asLong() / 10.0) * 10);
        } else {
            addText(path, SETS.contains(member) ? sorted(node.asText(), " ") : node.asText(), lines);
        }
    }

    private void addText(String path, String value, List<String> lines) {
        if (JWT.matcher(value).matches()) {
            add(path + ".header", "", Jwts.header(value), lines);
            add(path + ".claims", "", Jwts.claims(value), lines);
        } else {
            lines.add(path + " = " + text(value));
        }
    }

    private static String sorted(String words, String separator) {
        return Stream.of(words.split(separator)).sorted().collect(Collectors.joining(separator));
    }

    private String text(String value) {
        String result = PAGE_PARAMETER.matcher(name(value)).replaceAll("$1={random}");
        result = JWT.matcher(result).replaceAll("{jwt}");
        result = OBJECT.matcher(result).replaceAll("{object}");
        result = TIME.matcher(result).replaceAll("{time}");
        return RANDOM.matcher(result).replaceAll("{random}");
    }

    private String name(String value) {
        String result = value;
        for (Map.Entry<String, String> name : names.entrySet()) {
            result = result.replace(name.getKey(), name.getValue());
        }
        return UUID.matcher(result).replaceAll("{uuid}");
    }

    /** What a person sees of a page. */
    private static String visible(String page) {
        return page.replaceAll("(?s)<(script|style|head)\\b.*?</\\1>", " ")
                .replaceAll("(?s)<[^>]*>", " ")
                .replaceAll("\\s+", " ")
                .strip();
    }
}
