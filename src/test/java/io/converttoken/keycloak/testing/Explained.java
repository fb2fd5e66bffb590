// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** What the admin API explains of a conversion. */
public record Explained(JsonNode json) {

    /** Explains a conversion by {@link TestRealm#APP}. */
    public static Explained of(TestRealm realm, String backend, String token) {
        return of(realm, backend, token, Map.of());
    }

    /** The same, with whatever else the client would send. */
    public static Explained of(TestRealm realm, String backend, String token, Map<String, String> more) {
        Map<String, String> parameters = new HashMap<>(Map.of("client_id", TestRealm.APP.clientId(), "token", token));
        parameters.putAll(more);
        return new Explained(call(realm, backend, "explain")
                .params(parameters)
                .post()
                .expect(200)
                .json());
    }

    /** The health of a backend's provider. */
    public static Explained health(TestRealm realm, String backend) {
        return new Explained(call(realm, backend, "check").post().expect(200).json());
    }

    public static Call call(TestRealm realm, String backend, String what) {
        return realm.admin().call(realm.name() + "/auth/backends/" + backend + "/" + what);
    }

    public String outcome() {
        return json.path("outcome").asText();
    }

    public String reason() {
        return json.path("reason").asText();
    }

    public List<JsonNode> checks() {
        return StreamSupport.stream(json.path("checks").spliterator(), false).toList();
    }

    public JsonNode check(String name) {
        return checks().stream()
                .filter(check -> check.path("check").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No check " + name + " in " + json.toPrettyString()));
    }

    /** The only check that failed. */
    public JsonNode failed() {
        List<JsonNode> failed = checks().stream()
                .filter(check -> check.path("result").asText().equals("failed"))
                .toList();
        assertThat(failed).as(json.toPrettyString()).hasSize(1);
        return failed.get(0);
    }

    /** Asserts that this very reason is named, by one check, with advice, and that nothing of the token is shown. */
    public Explained refusesFor(String reason, String token) {
        assertThat(reason()).as(json.toPrettyString()).isEqualTo(reason);
        assertThat(outcome()).isNotEqualTo("converts");
        assertThat(failed().path("reason").asText()).isEqualTo(reason);
        assertThat(failed().path("advice").asText()).isNotBlank().doesNotContain("convertTokenExplain", "advice.");
        assertThat(failed().path("see").asText()).endsWith("#" + reason);
        if (token.length() > 40) {
            assertThat(json.toString()).doesNotContain(token.substring(token.length() - 40));
        }
        return this;
    }

    public Explained converts() {
        assertThat(outcome()).as(json.toPrettyString()).isEqualTo("converts");
        return this;
    }

    public String account() {
        return json.path("account").path("outcome").asText();
    }
}
