// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.converttoken.keycloak.testing.Answer;
import java.util.List;
import java.util.Map;

/** Identity providers and their mappers in the admin API: the extension brings a mapper, and looks at what is saved. */
final class IdentityProviderCalls {

    private static final String INSTANCES = "/identity-provider/instances";
    private static final String ALIAS = "managed-provider";
    private static final String MAPPERS = INSTANCES + "/" + ALIAS + "/mappers";

    private final RecordedAdminApi api;

    private IdentityProviderCalls(Recorder recorder) {
        this.api = new RecordedAdminApi(recorder);
    }

    static void run(Recorder recorder) {
        IdentityProviderCalls calls = new IdentityProviderCalls(recorder);
        calls.instances();
        calls.mappers();
        calls.deletion();
    }

    /** An OpenID provider that nobody calls. */
    static void addProvider(Recorder recorder, String alias) {
        recorder.admin().createIdentityProvider(recorder.realm().name(), provider(alias));
    }

    private static Map<String, Object> provider(String alias) {
        return Map.of(
                "alias",
                alias,
                "providerId",
                "oidc",
                "enabled",
                true,
                "config",
                Map.of(
                        "clientId", "our-company",
                        "clientSecret", "our-company-secret",
                        "clientAuthMethod", "client_secret_post",
                        "issuer", "https://provider.example",
                        "authorizationUrl", "https://provider.example/authorize",
                        "tokenUrl", "https://provider.example/token"));
    }

    private void instances() {
        api.post("create", INSTANCES, provider(ALIAS));
        api.post("create again", INSTANCES, provider(ALIAS));
        api.post("create, unknown type", INSTANCES, Map.of("alias", "strange", "providerId", "no-such-type"));
        api.post("create, no alias", INSTANCES, Map.of("providerId", "oidc"));
        api.get("list", INSTANCES);
        Answer read = api.get("read", INSTANCES + "/" + ALIAS);
        api.get("read unknown", INSTANCES + "/no-such-provider");
        ObjectNode changed = read.json().deepCopy();
        changed.put("displayName", "Provider").put("trustEmail", true);
        api.put("update", INSTANCES + "/" + ALIAS, changed);
        api.get("read after update", INSTANCES + "/" + ALIAS);
        api.get("export", INSTANCES + "/" + ALIAS + "/export");
        api.get("type", "/identity-provider/providers/oidc");
        api.get("permissions", INSTANCES + "/" + ALIAS + "/management/permissions");
        api.post(
                "import of an address, nothing said", "/identity-provider/import-config", Map.of("providerId", "oidc"));
    }

    private void mappers() {
        api.get("mapper types", INSTANCES + "/" + ALIAS + "/mapper-types");
        Answer created = api.post("mapper, create", MAPPERS, mapper("department", "hardcoded-attribute-idp-mapper"));
        api.post("mapper, create again", MAPPERS, mapper("department", "hardcoded-attribute-idp-mapper"));
        api.post("mapper, unknown type", MAPPERS, mapper("strange", "no-such-mapper"));
        api.post(
                "mapper, no configuration",
                MAPPERS,
                Map.of(
                        "name", "empty",
                        "identityProviderAlias", ALIAS,
                        "identityProviderMapper", "oidc-user-attribute-idp-mapper"));
        api.post("mapper, no name", MAPPERS, Map.of("identityProviderMapper", "hardcoded-attribute-idp-mapper"));
        api.get("mappers", MAPPERS);
        String path = MAPPERS + "/"
                + created.header("Location")
                        .map(location -> location.replaceAll(".*/", ""))
                        .orElse("none");
        Answer read = api.get("mapper, read", path);
        api.get("mapper, read unknown", MAPPERS + "/no-such-mapper");
        ObjectNode changed = read.json().deepCopy();
        changed.withObjectProperty("config").put("attribute.value", "development");
        api.put("mapper, update", path, changed);
        api.get("mapper, read after update", path);
        api.put("mapper, update unknown", MAPPERS + "/no-such-mapper", changed);
        api.delete("mapper, delete", path);
        api.delete("mapper, delete unknown", MAPPERS + "/no-such-mapper");
        api.post("mapper, of an unknown provider", INSTANCES + "/no-such-provider/mappers", mapper("x", "y"));
        api.post(
                "partial import",
                "/partialImport",
                Map.of(
                        "ifResourceExists",
                        "FAIL",
                        "identityProviders",
                        List.of(provider("imported-provider")),
                        "identityProviderMappers",
                        List.of(Map.of(
                                "name", "imported",
                                "identityProviderAlias", "imported-provider",
                                "identityProviderMapper", "hardcoded-attribute-idp-mapper",
                                "config", Map.of("attribute", "a", "attribute.value", "b")))));
        api.post(
                "partial import again",
                "/partialImport",
                Map.of("ifResourceExists", "FAIL", "identityProviders", List.of(provider("imported-provider"))));
        api.post(
                "partial import, over what is there",
                "/partialImport",
                Map.of("ifResourceExists", "OVERWRITE", "identityProviders", List.of(provider("imported-provider"))));
        api.post(
                "partial import, unknown mapper",
                "/partialImport",
                Map.of(
                        "ifResourceExists",
                        "SKIP",
                        "identityProviderMappers",
                        List.of(Map.of(
                                "name", "strange",
                                "identityProviderAlias", "imported-provider",
                                "identityProviderMapper", "no-such-mapper",
                                "config", Map.of()))));
    }

    private static Map<String, Object> mapper(String name, String type) {
        return Map.of(
                "name",
                name,
                "identityProviderAlias",
                ALIAS,
                "identityProviderMapper",
                type,
                "config",
                Map.of("syncMode", "INHERIT", "attribute", "department", "attribute.value", "research"));
    }

    private void deletion() {
        api.delete("delete", INSTANCES + "/" + ALIAS);
        api.delete("delete again", INSTANCES + "/" + ALIAS);
        api.delete("delete imported", INSTANCES + "/imported-provider");
    }
}
