// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** A user event as Keycloak stored it; what an event does not have is empty. */
public record UserEvent(
        String type, String error, String clientId, String userId, String ipAddress, Map<String, String> details) {

    public UserEvent {
        details = Map.copyOf(details);
    }

    static UserEvent of(JsonNode json) {
        Map<String, String> details = new LinkedHashMap<>();
        json.path("details")
                .properties()
                .forEach(
                        detail -> details.put(detail.getKey(), detail.getValue().asText("")));
        return new UserEvent(
                json.path("type").asText(""),
                json.path("error").asText(""),
                json.path("clientId").asText(""),
                json.path("userId").asText(""),
                json.path("ipAddress").asText(""),
                details);
    }

    /** One detail, empty where the event does not have it. */
    public String detail(String name) {
        return details.getOrDefault(name, "");
    }
}
