// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** Keycloak's own exchange of external tokens, the preview {@code token-exchange}. */
public final class ExchangeV1 {

    private ExchangeV1() {}

    /**
     * Lets {@link TestRealm#APP} exchange tokens of an identity provider, as the documentation of the preview has it: a permission
     * on the identity provider, and a policy for the client.
     */
    public static void allow(TestRealm realm, String alias) {
        AdminApi admin = realm.admin();
        JsonNode permissions = admin.call(
                        realm.name() + "/identity-provider/instances/" + alias + "/management/permissions")
                .json(Map.of("enabled", true))
                .put()
                .expect(200)
                .json();
        String authorization = realm.name() + "/clients/"
                + admin.client(realm.name(), "realm-management").path("id").asText() + "/authz/resource-server/";
        String app =
                admin.client(realm.name(), TestRealm.APP.clientId()).path("id").asText();
        String policy = admin.call(authorization + "policy/client")
                .json(Map.of("name", "exchange-" + alias, "clients", List.of(app)))
                .post()
                .expect(201)
                .json()
                .path("id")
                .asText();
        String path = authorization + "permission/scope/"
                + permissions.path("scopePermissions").path("token-exchange").asText();
        Map<String, Object> changed = new LinkedHashMap<>();
        JsonNode present = admin.get(path);
        List.of("id", "name", "type", "logic", "decisionStrategy")
                .forEach(member -> changed.put(member, present.path(member).asText()));
        changed.put("resources", ids(admin.get(path + "/resources"), "_id"));
        changed.put("scopes", ids(admin.get(path + "/scopes"), "id"));
        changed.put("policies", List.of(policy));
        admin.put(path, changed);
    }

    private static List<String> ids(JsonNode list, String member) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(entry -> entry.path(member).asText())
                .toList();
    }
}
