// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.representer.Representer;

/**
 * The description of the API (OpenAPI 3.1), as it holds for one realm.
 *
 * <p>The source is {@code openapi.yaml}; only values of the tree are replaced, so that no name of a realm or a backend
 * can change what it says.
 */
final class OpenApiDocument {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final ObjectNode SOURCE = source();
    private static final String REALM = "{realm}";
    private static final String BACKEND = "/components/schemas/Backend";
    private static final String ADMIN_PATHS = "/admin/";

    private final ObjectNode document;

    private OpenApiDocument(ObjectNode document) {
        this.document = document;
    }

    private static void setBackendOfExamples(ObjectNode document, String backend) {
        for (JsonNode example : document.findValues("value")) {
            for (String parameter : List.of("backend", "subject_issuer")) {
                if (example.has(parameter)) {
                    ((ObjectNode) example).put(parameter, backend);
                }
            }
        }
    }

    /** @param server the addresses at which callers reach Keycloak */
    static OpenApiDocument of(Server server, String realm, List<String> backends) {
        ObjectNode document = SOURCE.deepCopy();
        ((ObjectNode) document.get("info")).put("version", BuildVersions.CURRENT.project());
        ((ObjectNode) document.at("/servers/0")).put("url", withoutSlash(server.frontend()));
        document.set("paths", paths(document.get("paths"), realm, server));
        if (!backends.isEmpty()) {
            ArrayNode names = ((ObjectNode) document.at(BACKEND)).putArray("enum");
            backends.forEach(names::add);
            setBackendOfExamples(document, backends.get(0));
        }
        return new OpenApiDocument(document);
    }

    /**
     * The addresses at which Keycloak answers.
     *
     * @param frontend the address for everybody
     * @param admin the address of the admin REST API, which may be another one
     */
    record Server(URI frontend, URI admin) {

        boolean hasAdminElsewhere() {
            return !frontend.equals(admin);
        }
    }

    String asJson() {
        return document.toString();
    }

    String asYaml() {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setSplitLines(false);
        Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()), new Representer(options), options);
        return yaml.dump(JSON.convertValue(document, Map.class));
    }

    /** Returns the path of a realm's calls, below Keycloak's own address. */
    static String pathOf(String realm) {
        return "/realms/" + segment(realm) + "/auth/";
    }

    List<String> backends() {
        return stream(document.at(BACKEND).path("enum")).map(JsonNode::asText).toList();
    }

    /** Returns the ids of the calls that have a curl command, in the document's order. */
    List<String> callsWithCommands() {
        return stream(document.path("paths"))
                .flatMap(OpenApiDocument::stream)
                .filter(operation -> operation.has("x-curl"))
                .map(operation -> operation.path("operationId").asText())
                .toList();
    }

    private static Stream<JsonNode> stream(JsonNode parent) {
        return StreamSupport.stream(parent.spliterator(), false);
    }

    static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static ObjectNode paths(JsonNode paths, String realm, Server server) {
        String segment = segment(realm);
        ObjectNode result = JSON.createObjectNode();
        paths.properties().forEach(path -> {
            ObjectNode operations = (ObjectNode) path.getValue();
            if (server.hasAdminElsewhere() && path.getKey().startsWith(ADMIN_PATHS)) {
                operations.set("servers", somewhereElse());
            }
            result.set(path.getKey().replace(REALM, segment), operations);
        });
        return result;
    }

    /**
     * Returns a placeholder for a separate admin address, because such an address is often kept from the public, and
     * this document is for everybody.
     */
    private static ArrayNode somewhereElse() {
        ArrayNode servers = JSON.createArrayNode();
        servers.addObject()
                .put("url", "{admin}")
                .put("description", "The address of the admin REST API")
                .withObjectProperty("variables")
                .putObject("admin")
                .put("default", "https://keycloak-admin.example");
        return servers;
    }

    private static String withoutSlash(URI uri) {
        return uri.toString().replaceFirst("/+$", "");
    }

    private static ObjectNode source() {
        try (InputStream file = OpenApiDocument.class.getResourceAsStream("openapi.yaml")) {
            Object tree = new Yaml(new SafeConstructor(new LoaderOptions()))
                    .load(Objects.requireNonNull(file, "openapi.yaml"));
            return JSON.convertValue(tree, ObjectNode.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
