// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.Explained;
import io.converttoken.keycloak.testing.FakeProvider;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whether a backend's provider works, and what of a backend's configuration is risky or cannot work. */
class BackendHealthIT extends WithProvider {

    @BeforeAll
    static void backend() {
        realm.addOidcProvider("healthy", provider).addConvertTokenMapper("healthy", Map.of("allowedClients", "app"));
    }

    private static Explained ofBackend(String alias, Map<String, String> settings) {
        realm.addOidcProvider(alias, provider, settings).addConvertTokenMapper(alias, Map.of("allowedClients", "app"));
        return Explained.health(realm, alias);
    }

    @Test
    void keysAreCountedAndTheClockIsCompared() {
        Explained health = Explained.health(realm, "healthy");

        assertThat(health.check("keys").path("result").asText()).isEqualTo("passed");
        assertThat(health.check("keys").path("found").asText()).contains("keys", "RS256");
        assertThat(health.check("clock").path("result").asText()).isEqualTo("passed");
        assertThat(health.check("introspection").path("result").asText()).isEqualTo("passed");
        assertThat(health.check("userinfo").path("result").asText()).isEqualTo("passed");
    }

    @Test
    void keysThatCannotBeReachedAreNamed() {
        Explained health = ofBackend("unreachable", Map.of("jwksUrl", "http://127.0.0.1:9/keys"));

        assertThat(health.json().path("healthy").asBoolean(true)).isFalse();
        assertThat(health.check("keys").path("reason").asText()).isEqualTo("provider_unreachable");
        assertThat(health.check("keys").path("found").asText())
                .isEqualTo("http://127.0.0.1:9/keys: connection refused");
        assertThat(health.check("introspection").path("result").asText()).isEqualTo("passed");
    }

    @Test
    void introspectionWithAWrongSecretIsNamed() {
        provider.introspection().answersStatus(401);

        Explained health = Explained.health(realm, "healthy");

        assertThat(health.check("introspection").path("reason").asText()).isEqualTo("provider_error");
        assertThat(health.check("introspection").path("found").asText()).endsWith("status 401");
        assertThat(health.check("introspection").path("advice").asText()).contains("client secret");
    }

    @Test
    void missingIntrospectionIsNamed() {
        Explained health = ofBackend("no-introspection", Map.of("tokenIntrospectionUrl", ""));

        assertThat(health.check("introspection").path("reason").asText()).isEqualTo("token_unbound");
    }

    @Test
    void clockThatIsWrongIsNamed() {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).minusMinutes(5));
        provider.jwks().answersStatus(200, Map.of("Date", date));

        Explained health = Explained.health(realm, "healthy");

        assertThat(health.json().path("healthy").asBoolean(true)).isFalse();
    }

    @Test
    void providerThatTakesAnyTokenIsNamed() {
        provider.introspection()
                .answersJson(Map.of("active", true, "client_id", FakeProvider.CLIENT_ID, "sub", "somebody"));
        provider.userInfo().answersJson(Map.of("sub", "somebody"));

        Explained health = Explained.health(realm, "healthy");

        assertThat(health.check("introspection").path("reason").asText()).isEqualTo("made_up_token_accepted");
    }

    @Test
    void unknownBackendIsExplained() {
        Explained health = Explained.health(realm, "nobody");

        assertThat(health.failed().path("reason").asText()).isEqualTo("backend_unknown");
    }

    // the list

    private static List<String> remarks(String alias) {
        return StreamSupport.stream(backend(alias).path("remarks").spliterator(), false)
                .map(remark -> remark.path("severity").asText() + " "
                        + remark.path("reason").asText())
                .toList();
    }

    private static JsonNode backend(String alias) {
        return StreamSupport.stream(
                        realm.admin()
                                .get(realm.name() + "/auth/backends")
                                .path("backends")
                                .spliterator(),
                        false)
                .filter(backend -> backend.path("alias").asText().equals(alias))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void backendThatIsWellConfiguredHasNoRemark() {
        JsonNode backend = backend("healthy");

        assertThat(backend.path("converts").asBoolean()).isTrue();
        assertThat(backend.path("allowed_clients").toString()).isEqualTo("[\"app\"]");
        assertThat(backend.path("remarks")).as(backend.toPrettyString()).isEmpty();
    }

    @Test
    void risksAndFaultsAreListed() {
        realm.addOidcProvider(
                        "risky",
                        provider,
                        Map.of("validateSignature", "false", "tokenIntrospectionUrl", "", "issuer", ""))
                .addConvertTokenMapper("risky", Map.of("allowedClients", "*"));
        assertThat(remarks("risky"))
                .contains(
                        "risk every_client_allowed",
                        "risk unsigned_logout_tokens",
                        "fault token_unbound",
                        "fault issuer_not_configured");

        realm.addOidcProvider("empty", provider).addConvertTokenMapper("empty", Map.of());
        assertThat(remarks("empty")).contains("fault no_client_allowed");
        assertThat(backend("empty").path("converts").asBoolean(true)).isFalse();

        realm.addOidcProvider("gone", provider)
                .importConvertTokenMapper("gone", Map.of("allowedClients", "app\nno-such-client"));
        assertThat(remarks("gone")).contains("fault client_unknown");

        realm.addOidcProvider("twice", provider)
                .importConvertTokenMapper("twice", Map.of("allowedClients", "app", "backendNames", "healthy"));
        try {
            assertThat(remarks("twice")).contains("fault backend_ambiguous");
        } finally {
            realm.admin().deleteIdentityProvider(realm.name(), "twice");
        }

        realm.addOidcProvider("off", provider, Map.of("enabled", "false"))
                .addConvertTokenMapper("off", Map.of("allowedClients", "app"));
        assertThat(remarks("off")).contains("fault backend_switched_off");
    }

    @Test
    void flowThatShowsEverybodyAPageIsListed() {
        realm.admin().copyFlow(realm.name(), "first broker login", "review all");
        realm.admin()
                .configureExecution(
                        realm.name(),
                        "review all",
                        "idp-review-profile",
                        Map.of("update.profile.on.first.login", "on"));
        realm.addOidcProvider("paged", provider, Map.of("firstBrokerLoginFlowAlias", "review all"))
                .addConvertTokenMapper("paged", Map.of("allowedClients", "app"));

        assertThat(remarks("paged")).contains("fault flow_shows_page");
    }
}
