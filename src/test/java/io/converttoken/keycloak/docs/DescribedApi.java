// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import io.converttoken.keycloak.testing.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** An OpenAPI document that is held to what a server answers, and remembers what it was held to. */
final class DescribedApi {

    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDialect(Dialects.getOpenApi31());

    private final JsonNode document;
    private final Map<String, JsonNode> operations = new TreeMap<>();
    private final Set<String> seen = new TreeSet<>();

    DescribedApi(JsonNode document) {
        this.document = document;
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().stream()
                        .filter(member -> member.getValue().has("operationId"))
                        .forEach(member -> operations.put(
                                member.getValue().path("operationId").asText(), member.getValue())));
    }

    Map<String, JsonNode> operations() {
        return operations;
    }

    /** All that is described: an operation's id and a status. */
    Set<String> statuses() {
        Set<String> all = new TreeSet<>();
        operations.forEach((id, operation) ->
                operation.path("responses").fieldNames().forEachRemaining(status -> all.add(id + " " + status)));
        return all;
    }

    /** All that answers were held to. */
    Set<String> seen() {
        return seen;
    }

    /** Fails unless the answer is one that the document describes. */
    Answer hold(String operationId, Answer answer) {
        JsonNode responses = operation(operationId).path("responses");
        assertThat(responses.has(Integer.toString(answer.status())))
                .as("%s describes %s", operationId, answer)
                .isTrue();
        JsonNode response = resolved(responses.path(Integer.toString(answer.status())));
        holdHeaders(response, answer);
        holdBody(response.path("content"), answer);
        seen.add(operationId + " " + answer.status());
        return answer;
    }

    /** What is wrong with a JSON body, by the schema of the operation's request. */
    List<String> errorsOfRequest(String operationId, String json) {
        return errors(schemaOfRequest(operationId, "application/json"), json);
    }

    /** The same of a form of either type: text is read as the type that the schema has for it. */
    List<String> errorsOfForm(String operationId, String contentType, Map<String, String> parameters) {
        JsonNode schema = schemaOfRequest(operationId, contentType);
        ObjectNode form = JsonNodeFactory.instance.objectNode();
        parameters.forEach((name, value) -> {
            boolean isFlag = resolved(schema)
                    .at("/properties/" + name + "/type")
                    .asText()
                    .equals("boolean");
            if (isFlag && Set.of("true", "false").contains(value)) {
                form.put(name, Boolean.parseBoolean(value));
            } else {
                form.put(name, value);
            }
        });
        return errors(schema, form.toString());
    }

    private JsonNode schemaOfRequest(String operationId, String contentType) {
        return operation(operationId)
                .path("requestBody")
                .path("content")
                .path(contentType)
                .path("schema");
    }

    /** What is wrong with the examples of the document, by the schemas beside them. */
    List<String> errorsOfExamples() {
        List<String> errors = new ArrayList<>();
        document.findParents("examples").forEach(parent -> {
            if (parent.path("examples").isObject() && parent.has("schema")) {
                parent.path("examples")
                        .properties()
                        .forEach(example -> errors(
                                        parent.path("schema"),
                                        resolved(example.getValue())
                                                .path("value")
                                                .toString())
                                .forEach(error -> errors.add(example.getKey() + ": " + error)));
            }
        });
        return errors;
    }

    private JsonNode operation(String id) {
        return Objects.requireNonNull(operations.get(id), id);
    }

    private void holdHeaders(JsonNode response, Answer answer) {
        response.path("headers").properties().forEach(header -> {
            JsonNode description = resolved(header.getValue());
            Optional<String> value = answer.header(header.getKey());
            if (description.path("required").asBoolean()) {
                assertThat(value).as("%s of %s", header.getKey(), answer).isPresent();
            }
            value.ifPresent(present -> assertThat(errors(description.path("schema"), json(description, present)))
                    .as("%s: %s", header.getKey(), present)
                    .isEmpty());
        });
    }

    private static String json(JsonNode header, String value) {
        boolean isNumber = header.path("schema").path("type").asText().equals("integer");
        return isNumber ? value : JsonNodeFactory.instance.textNode(value).toString();
    }

    private void holdBody(JsonNode content, Answer answer) {
        if (content.isMissingNode()) {
            return;
        }
        String type = answer.header("Content-Type").orElse("").split(";", 2)[0];
        assertThat(content.has(type)).as("%s of %s", type, answer).isTrue();
        boolean isJson = type.equals("application/json");
        String body = isJson
                ? answer.text()
                : JsonNodeFactory.instance.textNode(answer.text()).toString();
        assertThat(errors(content.path(type).path("schema"), body))
                .as("%s", answer)
                .isEmpty();
    }

    private List<String> errors(JsonNode schema, String json) {
        assertThat(schema.isObject()).as("a schema").isTrue();
        ObjectNode whole = schema.deepCopy();
        whole.set("components", document.path("components"));
        return SCHEMAS.getSchema(whole.toString()).validate(json, InputFormat.JSON).stream()
                .map(Error::toString)
                .toList();
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }
}
