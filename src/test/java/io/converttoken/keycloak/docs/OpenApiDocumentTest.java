// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.converttoken.keycloak.docs.OpenApiDocument.Server;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** The document by itself. */
class OpenApiDocumentTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final URI FRONTEND = URI.create("https://sso.example/kc/");
    private static final Server SERVER = new Server(FRONTEND, FRONTEND);

    @Test
    void serverRealmAndBackendsAreThoseOfTheRealm() throws Exception {
        JsonNode document = document(SERVER, "shop", List.of("google", "google-oauth2"));

        assertThat(document.at("/servers/0/url").asText()).isEqualTo("https://sso.example/kc");
        assertThat(document.at("/info/version").asText()).isEqualTo(BuildVersions.CURRENT.project());
        assertThat(document.at("/paths").has("/realms/shop/auth/token")).isTrue();
        assertThat(document.at("/paths").has("/admin/realms/shop/auth/users/{id}/invalidate-sessions"))
                .isTrue();
        assertThat(document.at("/components/schemas/Backend/enum").toString())
                .isEqualTo("[\"google\",\"google-oauth2\"]");
        assertThat(document.toString()).doesNotContain("{realm}");
    }

    /** An empty enum would be no schema. */
    @Test
    void withoutPublicBackendsAnyNameMayBeGiven() throws Exception {
        assertThat(document(SERVER, "shop", List.of())
                        .at("/components/schemas/Backend")
                        .has("enum"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a b", "\"}],\"x\":[{", "{id}", "a/b", "<script>alert(1)</script>", "größe", "a: b\n- c", "%2e"})
    void namesChangeNothingButThemselves(String name) throws Exception {
        OpenApiDocument hostile = OpenApiDocument.of(SERVER, name, List.of(name));
        JsonNode document = JSON.readTree(hostile.asJson());

        assertThat(document.at("/components/schemas/Backend/enum/0").asText()).isEqualTo(name);
        assertThat(document.at("/paths").size())
                .isEqualTo(document(SERVER, "shop", List.of()).at("/paths").size());
        document.at("/paths")
                .fieldNames()
                .forEachRemaining(path -> assertThat(path.replace("{id}", ""))
                        .matches(
                                "/(admin/)?realms/[\\w.~%!$&'()*+,;=:@-]+/(auth|protocol/openid-connect)/[a-z./{}-]+"));
        assertThat(yaml(hostile)).isEqualTo(document);
    }

    @Test
    void yamlAndJsonSayTheSame() throws Exception {
        OpenApiDocument document = OpenApiDocument.of(SERVER, "shop", List.of("google"));

        assertThat(yaml(document)).isEqualTo(JSON.readTree(document.asJson()));
        assertThat(document.asYaml()).doesNotContain("&id0", "*id0").startsWith("openapi: 3.1");
    }

    /** An admin address of its own is not told to everybody. */
    @Test
    void separateAdminAddressIsNotTold() throws Exception {
        JsonNode document =
                document(new Server(FRONTEND, URI.create("https://internal.example/")), "shop", List.of("google"));

        assertThat(document.toString()).doesNotContain("internal.example");
        document.path("paths")
                .properties()
                .forEach(path -> assertThat(path.getValue().has("servers"))
                        .as(path.getKey())
                        .isEqualTo(path.getKey().startsWith("/admin/")));
    }

    @Test
    void oneRealmLeavesNoTraceInAnother() throws Exception {
        document(SERVER, "one", List.of("secret-backend"));

        assertThat(document(SERVER, "two", List.of()).toString()).doesNotContain("one/auth", "secret-backend");
    }

    @Test
    void examplesAreWhatTheirSchemasSay() throws Exception {
        assertThat(new DescribedApi(document(SERVER, "shop", List.of())).errorsOfExamples())
                .isEmpty();
    }

    @Test
    void everyReferenceLeadsSomewhereAndNothingIsLeftOver() throws Exception {
        JsonNode document = document(SERVER, "shop", List.of());
        List<String> references = Pattern.compile("\"\\$ref\":\"#([^\"]+)\"")
                .matcher(document.toString())
                .results()
                .map((MatchResult match) -> match.group(1))
                .distinct()
                .toList();

        assertThat(references)
                .allSatisfy(reference ->
                        assertThat(document.at(reference).isMissingNode()).isFalse());
        document.path("components").properties().stream()
                .filter(kind -> !kind.getKey().equals("securitySchemes"))
                .forEach(kind -> kind.getValue()
                        .fieldNames()
                        .forEachRemaining(
                                name -> assertThat(references).contains("/components/" + kind.getKey() + "/" + name)));
    }

    /** Some generated clients take the first, and send a form's parameters nowhere where JSON is described after it. */
    @Test
    void jsonIsDescribedBeforeForms() throws Exception {
        List<JsonNode> bodies = document(SERVER, "shop", List.of()).findValues("requestBody");

        assertThat(bodies)
                .isNotEmpty()
                .map(body -> body.path("content"))
                .filteredOn(content -> content.has("application/json"))
                .allSatisfy(content -> assertThat(content.fieldNames().next()).isEqualTo("application/json"));
    }

    /** Languages with static types have no such type. */
    @Test
    void noSchemaMixesTypes() throws Exception {
        assertThat(document(SERVER, "shop", List.of()).findValues("type"))
                .isNotEmpty()
                .noneMatch(JsonNode::isArray);
    }

    private static JsonNode document(Server server, String realm, List<String> backends) throws Exception {
        return JSON.readTree(OpenApiDocument.of(server, realm, backends).asJson());
    }

    private static JsonNode yaml(OpenApiDocument document) {
        Map<String, Object> tree = new Yaml().load(document.asYaml());
        return JSON.valueToTree(tree);
    }
}
